using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Iommu;

/// <summary>One page-table entry that a device's request passed.</summary>
/// <param name="Level">The level of its table, 1 to 6.</param>
/// <param name="Address">Where it stands.</param>
/// <param name="Entry">What it held when it was read.</param>
public readonly record struct IoWalkStep(int Level, PhysicalAddress Address, IoPageTableEntry Entry);
