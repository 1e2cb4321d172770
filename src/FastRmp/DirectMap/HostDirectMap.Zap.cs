using System;
using System.Threading;
using FastRmp.Internals;

namespace FastRmp.DirectMap;

/// <content>guest_memfd's NO_DIRECT_MAP: pages that are taken out of the map, and put back.</content>
public sealed partial class HostDirectMap
{
    // Linux clears Global together with Present, and does not set it again with Present.
    private const ulong LostByZap = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.GlobalMask;
    private const ulong GivenBack = PagingEntry.PresentMask | PagingEntry.WritableMask;

    /// <summary>4 KiB pages that are taken out of the map now; they still count as leaves of their size.</summary>
    public long ZappedPages { get; private set; }

    /// <summary>Takes a folio out of the map: its leaves lose Present, R/W and Global. A leaf inside the folio is cleared as a whole, a
    /// larger one is split first.</summary>
    /// <param name="page">Any address in the folio.</param>
    /// <param name="folioSize">Its size.</param>
    /// <returns>What happened. If the table pages do not suffice, nothing was changed; pages that are not RAM, or already not present, are
    /// skipped.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not a defined <see cref="PageSize"/>.</exception>
    /// <remarks>Leaves of 4 KiB in any case: <see cref="ModelChoices.ZapSplitsLargeLeaves"/>. One ranged flush in addition to those of the
    /// splits. Allocates nothing.</remarks>
    public SplitStatus Zap(PhysicalAddress page, PageSize folioSize)
    {
        if (folioSize > PageSize.Size1G) Throw.NoPageSize(nameof(folioSize), (int)folioSize);
        ulong start = page.AlignDown(folioSize).Value;
        PageSize largest = _choices.ZapSplitsLargeLeaves ? PageSize.Size4K : folioSize;
        return Change(start, start + folioSize.Bytes(), largest, isZap: true);
    }

    /// <summary>Puts pages back: leaves that <see cref="Zap"/> took out get Present and R/W again, not Global. Nothing is flushed and
    /// nothing joined.</summary>
    /// <param name="range">The pages; what is not a whole page of 4 KiB at either end is left out.</param>
    /// <returns>What happened. A leaf that is larger than the rest of the range is split, and if the table pages do not suffice nothing is
    /// done.</returns>
    /// <remarks>Allocates nothing.</remarks>
    public SplitStatus Restore(PhysicalRange range)
    {
        PhysicalRange pages = range.WholePages();
        return Change(pages.Start.Value, pages.End, PageSize.Size1G, isZap: false);
    }

    private SplitStatus Change(ulong start, ulong end, PageSize largest, bool isZap)
    {
        end = Math.Min(end, _ram[^1].End);
        long needed = Walk(start, end, largest, isZap, changes: false, out bool changed);
        if (needed > _tables.Available) return SplitStatus.OutOfTablePages;
        if (!changed) return SplitStatus.Unchanged;
        _ = Walk(start, end, largest, isZap, changes: true, out _);
        if (isZap) FlushRange(start, end);
        return SplitStatus.Changed;
    }

    /// <summary>Goes through the leaves of a range that have to change.</summary>
    /// <returns>The table pages that splits take.</returns>
    private long Walk(ulong start, ulong end, PageSize largest, bool isZap, bool changes, out bool changed)
    {
        long tables = 0;
        changed = false;
        for (ulong position = start; position < end;)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(position);
            bool isLeaf = TryFindEntry(page, out PagingLevel level, out PhysicalAddress entryAddress, out bool isPresent);
            if (!isLeaf || isPresent != isZap)
            {
                position = NextEntry(position, level);
                continue;
            }

            changed = true;
            PageSize size = level.LeafSize();
            ulong part = Math.Min(end - position, size.Bytes() - (position & size.OffsetMask()));
            PageSize wanted = Largest(position, part, largest);
            if (!changes)
            {
                if (size != wanted) tables += TablesFor(position, part, size, largest);
                position += part;
                continue;
            }

            for (; size > wanted; size--)
            {
                PhysicalAddress table = SplitLeaf(entryAddress, level);
                level = (PagingLevel)((int)level - 1);
                entryAddress = LongModeTable.EntryAddress(table, ToVirtual(page), level);
            }

            ref ulong entry = ref _tables.Entry(entryAddress);
            _ = isZap ? Interlocked.And(ref entry, ~LostByZap) : Interlocked.Or(ref entry, GivenBack);
            ZappedPages += isZap ? (long)wanted.Pages() : -(long)wanted.Pages();
            position += wanted.Bytes();
        }

        return tables;
    }

    /// <summary>The largest leaf that may be changed at a place.</summary>
    private static PageSize Largest(ulong position, ulong left, PageSize largest)
    {
        PageSize size = largest;
        while (size != PageSize.Size4K && ((position & size.OffsetMask()) != 0 || left < size.Bytes()))
        {
            size--;
        }

        return size;
    }

    /// <summary>Table pages that the leaf around a part of itself is split into: one for the leaf, and below one of 1 GiB one for each 2
    /// MiB that goes to 4 KiB.</summary>
    private static long TablesFor(ulong position, ulong part, PageSize size, PageSize largest)
    {
        if (size == PageSize.Size2M) return 1;
        ulong first = position >> PageSize.Size2M.Shift();
        ulong last = (position + part - 1) >> PageSize.Size2M.Shift();
        long regions = (long)(last - first) + 1;
        if (largest == PageSize.Size4K) return 1 + regions;

        // Whole regions stay; a partial one at either end does not.
        bool isPartialStart = (position & PageSize.Size2M.OffsetMask()) != 0;
        bool isPartialEnd = ((position + part) & PageSize.Size2M.OffsetMask()) != 0;
        if (regions == 1) return isPartialStart || isPartialEnd ? 2 : 1;
        return 1 + (isPartialStart ? 1 : 0) + (isPartialEnd ? 1 : 0);
    }

    /// <summary>As <see cref="TryFindLeaf"/>, and finds leaves that were taken out, too.</summary>
    private bool TryFindEntry(PhysicalAddress page, out PagingLevel level, out PhysicalAddress entryAddress, out bool isPresent)
    {
        isPresent = TryFindLeaf(page, out level, out entryAddress);
        return isPresent || Volatile.Read(ref _tables.Entry(entryAddress)) != 0; // a hole's entry is zero
    }
}
