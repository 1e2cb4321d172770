namespace FastRmp;

/// <summary>An entry of AMD-Vi's event log with code INVALID_PPR_REQUEST, as Linux takes it apart.</summary>
[BitLayout(128, Source = "Linux drivers/iommu/amd/iommu.c")]
[Reserved(47, 46)]
internal readonly partial struct IommuPageRequestEntry
{
    /// <summary>DeviceID: who made the request.</summary>
    [Bits(15, 0)] public partial ushort DeviceId { get; init; }

    /// <summary>PASID.</summary>
    [Bits(45, 42)]
    [Bits(31, 16)]
    public partial uint Pasid { get; init; }

    /// <summary>Tag of the request.</summary>
    [Bits(41, 32)] public partial ushort Tag { get; init; }

    /// <summary>Flags.</summary>
    [Bits(59, 48)] public partial IommuEventBits Flags { get; init; }

    /// <summary>Event code.</summary>
    [Bits(63, 60)] public partial IommuEventCode Code { get; init; }

    /// <summary>Address of the request.</summary>
    [Bits(127, 64)] public partial ulong Address { get; init; }
}
