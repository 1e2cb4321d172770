namespace FastRmp.Images;

/// <summary>A 2 MiB region of a direct map that is mapped by 4 KiB leaves, or a 1 GiB range that is mapped by smaller ones than one of 1
/// GiB.</summary>
/// <param name="Size">2 MiB or 1 GiB.</param>
/// <param name="Start">First physical address, a multiple of the size.</param>
/// <param name="VirtualAddress">Where the map has it.</param>
/// <param name="Table">The entry that points to the table of 512.</param>
/// <param name="FirstLeaf">The first present leaf of the next smaller size; zero if there is none.</param>
/// <param name="Leaves">Present leaves of the next smaller size that belong to the map, 0 to 512.</param>
/// <param name="Holes">Empty places of the table.</param>
/// <param name="Unmapped">Places that are not present and still name their frame.</param>
/// <param name="Kernel4K">Leaves with KERNEL_4K set.</param>
/// <param name="Smaller">For a 1 GiB range: 2 MiB regions of it that are mapped by 4 KiB leaves.</param>
/// <param name="Reasons">Why, as far as the entries show.</param>
public readonly record struct DirectMapSplit(
    PageSize Size,
    PhysicalAddress Start,
    VirtualAddress VirtualAddress,
    PagingEntry Table,
    PagingEntry FirstLeaf,
    int Leaves,
    int Holes,
    int Unmapped,
    int Kernel4K,
    int Smaller,
    SplitReasons Reasons)
{
    /// <summary>Whether one larger leaf is possible: all 512 are present, consecutive and equal in every flag, and none has KERNEL_4K set.
    /// A 1 GiB leaf also needs a processor that supports it.</summary>
    public bool IsRejoinable => (Reasons & ~(SplitReasons.Boot | SplitReasons.AfterBoot)) == 0;
}
