namespace FastRmp.Iommu;

/// <summary>A page that requests with a PASID may reach through guest (v2) tables, and host tables below if there are any.</summary>
/// <param name="Pasid">The PASID.</param>
/// <param name="DeviceAddress">First byte as the device sees it.</param>
/// <param name="GuestAddress">That byte's guest physical address; without host tables the same as <paramref name="Address"/>.</param>
/// <param name="Address">What it is in physical memory.</param>
/// <param name="SizeShift">Binary logarithm of the bytes: the smaller of both tables' pages.</param>
/// <param name="Rights">What both tables and the device table entry allow a request that claims no privilege.</param>
/// <param name="Entry">The leaf of the guest tables.</param>
/// <param name="Level">The level of its table.</param>
public readonly record struct GuestIoMapping(
    uint Pasid, DeviceAddress DeviceAddress, GuestPhysicalAddress GuestAddress, PhysicalAddress Address, int SizeShift, DmaRights Rights,
    PagingEntry Entry, int Level)
{
    /// <summary>Bytes.</summary>
    public ulong Size => 1UL << SizeShift;
}
