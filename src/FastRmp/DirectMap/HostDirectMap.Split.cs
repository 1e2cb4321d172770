using System;
using System.Threading;
using FastRmp.Internals;

namespace FastRmp.DirectMap;

/// <content>set_memory_4k: splits exactly the leaves needed.</content>
public sealed partial class HostDirectMap
{
    /// <summary>Makes 4 KiB leaves of every leaf that maps any of the pages.</summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">4 KiB pages.</param>
    /// <param name="setKernel4K">Whether to set the software bit KERNEL_4K, "never join", in the entries of the pages. A bit that the step
    /// before an RMPUPDATE had set counts as the caller's from then on.</param>
    /// <returns>What happened. If the table pages do not suffice for all of it, nothing was changed.</returns>
    /// <remarks>Attributes are kept; PAT moves from bit 12 to bit 7. Pages that are not mapped are passed over. Each split costs one table
    /// page and one global flush. Allocates nothing.</remarks>
    public SplitStatus SetMemory4K(PhysicalAddress start, ulong pages, bool setKernel4K = false) =>
        Split(start, pages, setKernel4K, isForUpdate: false);

    /// <summary>The step before an RMPUPDATE of a page: splits a large leaf, and sets KERNEL_4K in the entry of the page.</summary>
    /// <param name="page">The page.</param>
    /// <returns>What happened.</returns>
    internal SplitStatus SplitForUpdate(PhysicalAddress page)
    {
        if (!TryGetMapping(page, out PageSize size)) return SplitStatus.Unchanged;
        if (size == PageSize.Size4K && !_choices.Kernel4KOnEveryUpdate) return SplitStatus.Unchanged;
        return Split(page, 1, setsKernel4K: true, isForUpdate: true);
    }

    private SplitStatus Split(PhysicalAddress start, ulong pages, bool setsKernel4K, bool isForUpdate)
    {
        PhysicalAddress first = start.AlignDown(PageSize.Size4K);
        ulong end = first.Value + Math.Min(pages, (PhysicalAddress.ValidMask >> PageSize.Size4K.Shift()) + 1) * PageSize.Size4K.Bytes();
        end = Math.Min(end, _ram[^1].End);
        long needed = CountTablesNeeded(first.Value, end);
        if (needed > _tables.Available) return SplitStatus.OutOfTablePages;
        bool isSet = false;
        for (ulong position = first.Value; position < end;)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(position);
            if (!TryFindLeaf(page, out PagingLevel level, out PhysicalAddress entryAddress))
            {
                position = NextEntry(position, level);
                continue;
            }

            for (; level > PagingLevel.PageTable; level--)
            {
                PhysicalAddress table = SplitLeaf(entryAddress, level);
                entryAddress = LongModeTable.EntryAddress(table, ToVirtual(page), (PagingLevel)((int)level - 1));
            }

            isSet |= setsKernel4K && SetKernel4K(entryAddress, isForUpdate);
            position += PageSize.Size4K.Bytes();
            // the whole table is 4 KiB leaves now
            if (!setsKernel4K) position = Math.Max(position, NextEntry(page.Value, PagingLevel.PageDirectory));
        }

        if (isSet) FlushRange(first.Value, end);
        return needed > 0 || isSet ? SplitStatus.Changed : SplitStatus.Unchanged;
    }

    /// <summary>The physical address where the next entry of the level begins. Entries begin at virtual borders, and the map's base is
    /// aligned to 1 GiB only.</summary>
    private ulong NextEntry(ulong position, PagingLevel level)
    {
        ulong address = VirtualBase.Value + position;
        return (((address >> level.Shift()) + 1) << level.Shift()) - VirtualBase.Value;
    }

    /// <summary>Both pages of a 1 GiB leaf are accounted for before the first entry changes, and so are those of all other leaves in the
    /// range.</summary>
    private long CountTablesNeeded(ulong start, ulong end)
    {
        long needed = 0;
        for (ulong position = start; position < end;)
        {
            bool mapped = TryFindLeaf(PhysicalAddress.CreateUnchecked(position), out PagingLevel level, out _);
            ulong next = NextEntry(position, mapped && level == PagingLevel.PageTable ? PagingLevel.PageDirectory : level);
            if (mapped && level == PagingLevel.PageDirectory) needed++;
            if (mapped && level == PagingLevel.PageDirectoryPointer)
            {
                ulong last = Math.Min(next, end) - 1;
                needed += 2 + (long)((last >> PageSize.Size2M.Shift()) - (position >> PageSize.Size2M.Shift()));
            }

            position = next;
        }

        return needed;
    }

    /// <summary>Replaces a 1 GiB or 2 MiB leaf by a table of 512 leaves of the next size that map the same.</summary>
    /// <returns>The table.</returns>
    private PhysicalAddress SplitLeaf(PhysicalAddress entryAddress, PagingLevel level)
    {
        PhysicalAddress table = TakeTable();
        Span<ulong> words = _tables.Words(table);
        ref ulong entry = ref _tables.Entry(entryAddress);
        PageSize size = level.LeafSize();
        PageSize next = (PageSize)((int)size - 1);
        ulong leaf = Volatile.Read(ref entry);
        while (true)
        {
            FillTable(words, leaf, size, next);
            ulong prior = Interlocked.CompareExchange(ref entry, table.Value | SplitTableFlags, leaf);
            if (prior == leaf) break;
            leaf = prior; // a walker set Accessed or Dirty meanwhile
        }

        CountLeaves(size, -1);
        CountLeaves(next, words.Length);
        if (size == PageSize.Size1G)
        {
            _splits1G++;
        }
        else
        {
            _splits2M++;
        }

        FlushAll();
        return table;
    }

    private static void FillTable(Span<ulong> words, ulong leaf, PageSize size, PageSize next)
    {
        ulong page = new PagingEntry(leaf).Address.AlignDown(size).Value;
        ulong flags = leaf & ~(PagingEntry.AddressMask & ~size.OffsetMask());
        if (next == PageSize.Size4K) flags = SmallFlags(flags);
        LeafRun.Fill(words, page | flags, next.Bytes());
    }

    /// <summary>The flags of a 2 MiB leaf in a 4 KiB one: PS goes, PAT moves from bit 12 to bit 7.</summary>
    private static ulong SmallFlags(ulong large)
    {
        ulong flags = large & ~(Pde2M.LargePageMask | Pde2M.PatMask);
        return (large & Pde2M.PatMask) != 0 ? flags | Pte.PatMask : flags;
    }

    // The table pool records which bits the step before an RMPUPDATE set: only these may be cleared when the region is joined again.
    private bool SetKernel4K(PhysicalAddress entryAddress, bool isForUpdate)
    {
        ulong before = Interlocked.Or(ref _tables.Entry(entryAddress), Pte.Kernel4KMask);
        bool isNew = (before & Pte.Kernel4KMask) == 0;
        if (isForUpdate && isNew) _tables.SetOwnKernel4K(entryAddress);
        if (!isForUpdate) _tables.ClearOwnKernel4K(entryAddress);
        return isNew;
    }
}
