namespace FastRmp;

/// <summary>An entry of AMD-Vi's event log with code RMP_HARDWARE_ERROR.</summary>
[BitLayout(128, Source = "Linux drivers/iommu/amd/iommu.c")]
[Reserved(31, 16)]
[Reserved(66, 64)]
internal readonly partial struct IommuRmpHardwareErrorEntry
{
    /// <summary>DeviceID: who made the request.</summary>
    [Bits(15, 0)] public partial ushort DeviceId { get; init; }

    /// <summary>vmg_tag: not 0 with trusted I/O only.</summary>
    [Bits(47, 32)] public partial ushort VmgTag { get; init; }

    /// <summary>Flags.</summary>
    [Bits(59, 48)] public partial IommuEventBits Flags { get; init; }

    /// <summary>Event code.</summary>
    [Bits(63, 60)] public partial IommuEventCode Code { get; init; }

    /// <summary>spa: what could not be read, a multiple of 8.</summary>
    [AddressBits(127, 67)] public partial ulong Address { get; init; }
}
