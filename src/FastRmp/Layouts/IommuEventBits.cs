using System;

namespace FastRmp;

/// <summary>Flags of an AMD-Vi event.</summary>
/// <remarks>Source: Linux drivers/iommu/amd/amd_iommu_types.h for I and RW; AMD I/O Virtualization Technology (IOMMU) Specification for the
/// others. That specification gives RW a meaning with PR only; hardware sets it for every write.</remarks>
[Flags]
public enum IommuEventBits : ushort
{
    /// <summary>A read of memory that met nothing present.</summary>
    None = 0,

    /// <summary>GN: guest (v2) translation.</summary>
    Guest = 0x001,

    /// <summary>NX: no-execute stopped it.</summary>
    NoExecute = 0x002,

    /// <summary>US: user/supervisor stopped it.</summary>
    User = 0x004,

    /// <summary>I: an interrupt request.</summary>
    Interrupt = 0x008,

    /// <summary>PR: the entry was present, or the address does not fit the tables.</summary>
    Present = 0x010,

    /// <summary>RW: a write.</summary>
    Write = 0x020,

    /// <summary>PE: the permissions did not suffice.</summary>
    Permission = 0x040,

    /// <summary>RZ: a reserved bit was not zero. A level or size that cannot be is not one.</summary>
    NonZero = 0x080,

    /// <summary>TR: a translation request.</summary>
    TranslationRequest = 0x100,
}
