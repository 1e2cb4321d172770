using System;

namespace FastRmp.Reference;

/// <content>Splitting (direct map 2).</content>
public sealed partial class ReferenceDirectMap
{
    /// <summary>Brings one page to a 4 KiB leaf: 1 GiB to 2 MiB to 4 KiB, only along the way to this page.</summary>
    /// <param name="address">Any physical address in the page.</param>
    /// <param name="mark">The KERNEL_4K mark that the page's own leaf gets; None leaves the mark as it is.</param>
    /// <returns>Whether it was done; a failure changed nothing.</returns>
    public ReferenceSplitResult Split(ulong address, ReferenceMark mark = ReferenceMark.None)
    {
        ReferenceLeaf? leaf = FindLeaf(address);
        if (leaf is null || leaf.Zapped) return ReferenceSplitResult.NotMapped;

        // Both table pages of a 1 GiB leaf are there before its first change.
        int needed = (int)leaf.Size;
        if (FreeTablePages < needed) return ReferenceSplitResult.OutOfTablePages;

        while (leaf.Size != ReferencePageSize.Size4K)
        {
            SplitOnce(leaf);
            leaf = FindLeaf(address) ?? throw new InvalidOperationException("A split lost its page.");
        }

        SetMark(leaf, mark);
        PeakLeaves4K = Math.Max(PeakLeaves4K, Leaves4K);
        PeakTablePages = Math.Max(PeakTablePages, SplitTablePages);
        return ReferenceSplitResult.Done;
    }

    /// <summary>Gives a leaf other attributes, as a change of the page's flags by somebody else does; its size stays.</summary>
    /// <param name="address">Any physical address in the leaf.</param>
    /// <param name="attributes">The new attributes.</param>
    public void SetAttributes(ulong address, uint attributes)
    {
        ReferenceLeaf leaf = FindLeaf(address) ?? throw new ArgumentOutOfRangeException(nameof(address), address, "Not mapped.");
        _leaves[leaf.Address] = leaf with { Attributes = attributes };
    }

    /// <summary>Gives a leaf other bits A, D and G: the processor sets the first two, and a page that was not present for a while has lost
    /// G (direct map 5.2).</summary>
    /// <param name="address">Any physical address in the leaf.</param>
    /// <param name="accessed">A.</param>
    /// <param name="dirty">D.</param>
    /// <param name="isGlobal">G.</param>
    public void SetHistory(ulong address, bool accessed, bool dirty, bool isGlobal)
    {
        ReferenceLeaf leaf = FindLeaf(address) ?? throw new ArgumentOutOfRangeException(nameof(address), address, "Not mapped.");
        _leaves[leaf.Address] = leaf with { Accessed = accessed, Dirty = dirty, Global = isGlobal };
    }

    // direct map 2.2, SplitOnce: 512 leaves of the next size with the flags of the old one, and one flush of everything.
    private void SplitOnce(ReferenceLeaf leaf)
    {
        ReferencePageSize smaller = leaf.Size - 1;
        Remove(leaf);
        for (ulong i = 0; i < EntriesPerTable; i++)
        {
            Add(leaf with { Address = leaf.Address + (i * BytesOf(smaller)), Size = smaller });
        }

        if (leaf.Size == ReferencePageSize.Size1G) Splits1G++;
        if (leaf.Size == ReferencePageSize.Size2M) Splits2M++;
        if (FreeTablePages is not null) FreeTablePages--;
        GlobalFlushes++;
    }

    private void SetMark(ReferenceLeaf leaf, ReferenceMark mark)
    {
        if (mark == ReferenceMark.None || leaf.Mark == mark) return;

        // The bit is one bit: whoever set it second changes nothing, except that a foreign mark must outlive ours.
        ReferenceMark kept = leaf.Mark == ReferenceMark.Other ? ReferenceMark.Other : mark;
        if (leaf.Mark == ReferenceMark.None) RangedFlushes++;
        _leaves[leaf.Address] = leaf with { Mark = kept };
    }
}
