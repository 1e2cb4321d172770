namespace FastRmp.Iommu;

/// <summary>A page that a device may reach.</summary>
/// <param name="DeviceAddress">First byte as the device sees it; of an entry that does not agree with the others of its page, where that
/// entry begins.</param>
/// <param name="Address">What that byte is in physical memory.</param>
/// <param name="SizeShift">Binary logarithm of the bytes that the entry says.</param>
/// <param name="Rights">IR and IW of the device table entry and of all levels.</param>
/// <param name="Entry">The entry that maps it.</param>
/// <param name="Level">The level of that entry's table.</param>
public readonly record struct IoMapping(
    DeviceAddress DeviceAddress, PhysicalAddress Address, int SizeShift, DmaRights Rights, IoPageTableEntry Entry, int Level)
{
    /// <summary>Bytes.</summary>
    public ulong Size => 1UL << SizeShift;
}
