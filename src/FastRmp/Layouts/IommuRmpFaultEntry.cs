namespace FastRmp;

/// <summary>An entry of AMD-Vi's event log with code RMP_PAGE_FAULT.</summary>
[BitLayout(128, Source = "Linux drivers/iommu/amd/iommu.c")]
[Reserved(31, 24)]
internal readonly partial struct IommuRmpFaultEntry
{
    /// <summary>DeviceID: who made the request.</summary>
    [Bits(15, 0)] public partial ushort DeviceId { get; init; }

    /// <summary>flags_rmp; no public source says what its bits mean.</summary>
    [Bits(23, 16)] public partial byte RmpFlags { get; init; }

    /// <summary>vmg_tag: not 0 with trusted I/O only.</summary>
    [Bits(47, 32)] public partial ushort VmgTag { get; init; }

    /// <summary>Flags.</summary>
    [Bits(59, 48)] public partial IommuEventBits Flags { get; init; }

    /// <summary>Event code.</summary>
    [Bits(63, 60)] public partial IommuEventCode Code { get; init; }

    /// <summary>gpa: the address that the device used.</summary>
    [Bits(127, 64)] public partial ulong Address { get; init; }
}
