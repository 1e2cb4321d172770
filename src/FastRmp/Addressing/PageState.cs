namespace FastRmp;

/// <summary>State of a page, with firmware's numbers.</summary>
/// <remarks>Source: AMD SEV firmware, sev_rmp.h.</remarks>
public enum PageState : byte
{
    /// <summary>None of the others; firmware refuses it.</summary>
    Invalid = 0,

    /// <summary>Not covered: the page has no entry.</summary>
    Default = 1,

    /// <summary>Ordinary host memory.</summary>
    Hypervisor = 2,

    /// <summary>HV_Fixed: host memory that can never be assigned.</summary>
    HvFixed = 3,

    /// <summary>Firmware may write it.</summary>
    Firmware = 4,

    /// <summary>Firmware-IOMMU: written by an IOMMU.</summary>
    FirmwareIommu = 5,

    /// <summary>Firmware no longer uses it; the hypervisor may release it by RMPUPDATE.</summary>
    Reclaim = 6,

    /// <summary>A guest's context page.</summary>
    Context = 7,

    /// <summary>Metadata of swapped pages.</summary>
    Metadata = 8,

    /// <summary>Pre-Guest: a guest's page that firmware holds, not validated.</summary>
    PreGuest = 9,

    /// <summary>Pre-Swap: a guest's page that firmware holds, validated.</summary>
    PreSwap = 10,

    /// <summary>Guest-Invalid: assigned, not validated.</summary>
    GuestInvalid = 11,

    /// <summary>Guest-Valid: usable by the guest.</summary>
    GuestValid = 12,
}
