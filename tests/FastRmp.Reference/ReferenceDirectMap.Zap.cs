using System;

namespace FastRmp.Reference;

/// <content>guest_memfd's NO_DIRECT_MAP (direct map 5.2): Zap and Restore.</content>
public sealed partial class ReferenceDirectMap
{
    /// <summary>Takes a folio out: P, R/W and G go. A leaf inside the folio is zapped as a whole, or goes to 4 KiB by choice; a larger one
    /// is split.</summary>
    /// <param name="address">Any address in the folio.</param>
    /// <param name="folio">Its size.</param>
    /// <returns>Whether a leaf changed; a flush of the range comes with it.</returns>
    public bool Zap(ulong address, ReferencePageSize folio)
    {
        ulong start = address / BytesOf(folio) * BytesOf(folio);
        bool changed = Set(start, start + BytesOf(folio), Choices.ZapSplitsLargeLeaves ? ReferencePageSize.Size4K : folio, zapped: true);
        if (changed) RangedFlushes++;
        return changed;
    }

    /// <summary>Puts pages back: P and R/W come, G does not. No flush but for splits, no join.</summary>
    /// <param name="start">The first byte, a multiple of 4 KiB.</param>
    /// <param name="end">The byte after the last, a multiple of 4 KiB.</param>
    /// <returns>Whether a leaf changed.</returns>
    public bool Restore(ulong start, ulong end) => Set(start, end, ReferencePageSize.Size1G, zapped: false);

    private bool Set(ulong start, ulong end, ReferencePageSize largest, bool zapped)
    {
        bool changed = false;
        for (ulong at = start; at < end;)
        {
            ReferenceLeaf? leaf = FindLeaf(at);
            if (leaf is null)
            {
                at += Bytes4K;
                continue;
            }

            if (leaf.Zapped != zapped)
            {
                while (leaf.Size > largest || leaf.Address < start || leaf.Address + BytesOf(leaf.Size) > end)
                {
                    SplitOnce(leaf);
                    leaf = FindLeaf(at) ?? throw new InvalidOperationException("A split lost its page.");
                }

                _leaves[leaf.Address] = leaf with { Zapped = zapped, Global = leaf.Global && !zapped };
                changed = true;
            }

            at = leaf.Address + BytesOf(leaf.Size);
        }

        PeakLeaves4K = Math.Max(PeakLeaves4K, Leaves4K);
        PeakTablePages = Math.Max(PeakTablePages, SplitTablePages);
        return changed;
    }
}
