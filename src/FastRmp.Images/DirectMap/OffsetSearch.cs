using System.Threading;

namespace FastRmp.Images;

/// <summary>Looks through all tables for pages at a constant distance from their frames.</summary>
internal static class OffsetSearch
{
    /// <summary>Finds the base to which the most bytes of write-back pages belong, the lowest of several.</summary>
    /// <remarks>Linux: all RAM in the map is write-back, PAT index 0. The distance of device memory that is mapped uncached with large
    /// pages may also be a multiple of 1 GiB, and the device memory may be larger than RAM.</remarks>
    internal static bool TryFind<TMemory>(
        scoped ref TMemory memory, in DirectMapLocation tables, CancellationToken cancellation, out VirtualAddress start)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        OffsetTally tally = OffsetTally.Create();
        Count(ref memory, tables, cancellation, ref tally);
        if (!tally.IsExact)
        {
            tally.Recount();
            Count(ref memory, tables, cancellation, ref tally);
        }

        bool found = tally.TryGetLargest(out ulong offset);
        start = new VirtualAddress(offset);
        return found;
    }

    /// <summary>Whether any page is at the address that this base implies.</summary>
    internal static bool HasPage<TMemory>(scoped ref TMemory memory, in DirectMapLocation location, CancellationToken cancellation)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        DirectMapCensus<TMemory> census = new(memory, location, cancellation);
        while (census.MoveNext())
        {
            if (census.Totals.Bytes != 0) return true;
        }

        return census.Totals.Bytes != 0;
    }

    private static void Count<TMemory>(
        scoped ref TMemory memory, in DirectMapLocation tables, CancellationToken cancellation, ref OffsetTally tally)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        DirectoryCursor<TMemory> cursor =
            new(memory, tables, DirectMapLocation.Lowest(tables.Mode), DirectMapLocation.Limit - 1, skipsRepeats: true, cancellation);
        Run run = new(tables.Mode);
        while (cursor.MoveNext())
        {
            switch (cursor.Step)
            {
                case DirectoryStep.GigabyteLeaf:
                    run.AddLarge(ref tally, cursor.Address, cursor.PageOf(cursor.Entry, PageSize.Size1G), PageSize.Size1G, cursor.Entry);
                    break;
                case DirectoryStep.Leaf:
                    run.AddLarge(ref tally, cursor.Address, cursor.PageOf(cursor.Entry, PageSize.Size2M), PageSize.Size2M, cursor.Entry);
                    break;
                case DirectoryStep.Table:
                    CountTable(ref cursor, ref run, ref tally);
                    break;
                default:
                    break;
            }
        }

        run.Close(ref tally);
    }

    private static void CountTable<TMemory>(scoped ref DirectoryCursor<TMemory> cursor, ref Run run, ref OffsetTally tally)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        ulong uncached = Uncached(PageSize.Size4K);
        for (int index = 0; index < PageArithmetic.EntriesPerTable && cursor.TryReadEntry(index, out ulong entry); index++)
        {
            if ((entry & (PagingEntry.PresentMask | uncached)) != PagingEntry.PresentMask) continue;
            run.Add(
                ref tally, cursor.Address + ((ulong)index << PageSize.Size4K.Shift()), cursor.PageOf(entry, PageSize.Size4K),
                PageSize.Size4K);
        }
    }

    /// <summary>The bits of the PAT index: the direct map has none of them.</summary>
    private static ulong Uncached(PageSize size) =>
        PagingEntry.PatMaskOf(size) | PagingEntry.CacheDisableMask | PagingEntry.WriteThroughMask;

    /// <summary>Adjacent pages mostly have the same distance: they are added to the tally together.</summary>
    private struct Run(PagingMode mode)
    {
        private ulong _offset;
        private ulong _bytes;

        internal void AddLarge(ref OffsetTally tally, ulong address, ulong page, PageSize size, ulong entry)
        {
            if ((entry & Uncached(size)) == 0) Add(ref tally, address, page, size);
        }

        internal void Add(ref OffsetTally tally, ulong address, ulong page, PageSize size)
        {
            ulong offset = address - page;
            if (offset != _offset)
            {
                if (!DirectMapLocation.CanBeBase(offset, mode) || page >= DirectMapLocation.Window(mode)) return;
                Close(ref tally);
                _offset = offset;
            }

            _bytes += size.Bytes();
        }

        internal void Close(ref OffsetTally tally)
        {
            if (_bytes != 0) tally.Add(_offset, _bytes);
            _bytes = 0;
        }
    }
}
