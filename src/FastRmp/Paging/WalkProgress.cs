namespace FastRmp.Paging;

/// <summary>What a walk carries from level to level, and the entry where it ended.</summary>
internal struct WalkProgress
{
    internal PhysicalAddress Table;
    internal ulong All; // AND over the tables followed, without the leaf: R/W, U/S
    internal ulong Any; // OR over the same: NX
    internal PhysicalAddress EntryAddress;
    internal ulong Entry;
    internal WalkStatus Obstacle; // Mapped if the entry itself tells
}
