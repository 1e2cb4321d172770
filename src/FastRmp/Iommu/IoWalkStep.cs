namespace FastRmp.Iommu;

/// <summary>One entry that a device's request passed.</summary>
/// <param name="Stage">Which tables it stands in; <see cref="IommuStage.Nested"/> for host (v1) entries on the way to a guest physical
/// address.</param>
/// <param name="Level">The level of its table, 1 to 6.</param>
/// <param name="Address">Where it stands in system physical memory.</param>
/// <param name="Value">What it held when it was read.</param>
/// <param name="GuestAddress">Of an entry of GCR3 or guest tables that host tables translate, where it stands for the guest; else
/// 0.</param>
public readonly record struct IoWalkStep(
    IommuStage Stage, int Level, PhysicalAddress Address, ulong Value, GuestPhysicalAddress GuestAddress = default)
{
    /// <summary>The value as a host (v1) entry.</summary>
    public IoPageTableEntry Entry => new(Value);

    /// <summary>The value as an entry of guest (v2) tables; of the GCR3 table, whose V and address stand where P and the address stand
    /// here.</summary>
    public PagingEntry GuestEntry => new(Value);
}
