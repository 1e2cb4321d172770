namespace FastRmp;

/// <summary>AMD-Vi's Device Table Base register, MMIO offset 0.</summary>
[BitLayout(64, Source = "AMD I/O Virtualization Technology (IOMMU) Specification, MMIO registers")]
[Reserved(11, 9)]
[Reserved(63, 52)]
internal readonly partial struct DeviceTableBase
{
    /// <summary>Size: the table has this many 4 KiB pages, and one more.</summary>
    [Bits(8, 0)] public partial ushort Size { get; init; }

    /// <summary>Address of the table.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Base { get; init; }
}
