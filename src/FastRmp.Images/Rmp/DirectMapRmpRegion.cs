namespace FastRmp.Images;

/// <summary>A 2 MiB region whose mapping in the direct map does not go with the RMP. Immutable.</summary>
/// <param name="Finding">What is found.</param>
/// <param name="Start">First physical address.</param>
/// <param name="VirtualAddress">Where the map has it.</param>
/// <param name="Leaf">Size of the leaf or leaves that map it.</param>
/// <param name="AssignedPages">Pages of it that are assigned, by looking at every entry.</param>
/// <param name="FirstAssigned">The first of them; meaningless if there is none.</param>
/// <param name="Asid">Its ASID: 0 for firmware's pages, 0x3FE for a VM save area in use, whose entry hides the owner.</param>
/// <param name="Reasons">Of a region in 4 KiB leaves, why it is split, as far as the paging entries show.</param>
public readonly record struct DirectMapRmpRegion(
    DirectMapRmpFinding Finding,
    PhysicalAddress Start,
    VirtualAddress VirtualAddress,
    PageSize Leaf,
    int AssignedPages,
    PhysicalAddress FirstAssigned,
    uint Asid,
    SplitReasons Reasons)
{
    /// <summary>Of a region that could be whole, whether nothing else speaks against it either: all 512 leaves are present, consecutive and
    /// equal. KERNEL_4K does not count, since it is set because of the RMP.</summary>
    public bool IsAlike => Finding == DirectMapRmpFinding.CouldBeWhole
        && (Reasons & ~(SplitReasons.Boot | SplitReasons.AfterBoot | SplitReasons.Kernel4K)) == 0;
}
