namespace FastRmp;

/// <summary>An entry of AMD-Vi's event log as most event codes fill it: 16 bytes.</summary>
/// <remarks>A code of zero: the IOMMU has not yet written the entry.</remarks>
[BitLayout(128, Source = "AMD I/O Virtualization Technology (IOMMU) Specification, event log; Linux drivers/iommu/amd/iommu.c")]
[Reserved(31, 20)]
internal readonly partial struct IommuEventEntry
{
    /// <summary>DeviceID: who made the request.</summary>
    [Bits(15, 0)] public partial ushort DeviceId { get; init; }

    /// <summary>PASID; of an IO_PAGE_FAULT without one, the DomainID.</summary>
    [Bits(19, 16)]
    [Bits(47, 32)]
    public partial uint Pasid { get; init; }

    /// <summary>Flags.</summary>
    [Bits(59, 48)] public partial IommuEventBits Flags { get; init; }

    /// <summary>Event code.</summary>
    [Bits(63, 60)] public partial IommuEventCode Code { get; init; }

    /// <summary>Address: of the request, or of what could not be read.</summary>
    [Bits(127, 64)] public partial ulong Address { get; init; }
}
