using System;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Compares the kernel's direct map with the RMP: large leaves through which a write of the host would fault, and regions that are
/// split although no page of theirs is assigned. A forward-only stream in the order of addresses.</summary>
/// <remarks>
/// <para>A host's write is checked against the 2 MiB region that it goes to, whether the leaf is one of 2 MiB or of 1 GiB: none of the 512
/// pages may be assigned (AMD64 APM vol. 2, 15.36.10). Every entry is looked at; counts of base entries are not trusted. Only entries of
/// memory that the direct map has are read.</para>
/// <para>The format of entries is that of Zen 3 and Zen 4. Allocates nothing after construction. For one thread; valid while both images
/// are.</para>
/// </remarks>
public ref struct DirectMapRmpCheck
{
    private readonly RmpImage _rmp;
    private readonly RmpEntry[] _buffer;
    private readonly CancellationToken _cancellation;
    private DirectMapCensus<ImageMemoryView> _census;
    private DirectMapRmpTotals _totals;
    private DirectMapRmpRegion _current;
    private DirectMapSplit _leaf; // the large leaf whose regions are looked at
    private ulong _done; // bytes of it
    private PhysicalAddress _firstAbsent;

    /// <summary>Starts before the first finding.</summary>
    /// <param name="image">The image with the kernel's tables.</param>
    /// <param name="location">Where the direct map lies.</param>
    /// <param name="rmp">The RMP: in the same image, or in a file of its own.</param>
    /// <param name="cancellation">Looked at once for each 1 GiB range; ends the stream with an exception.</param>
    public DirectMapRmpCheck(
        MemoryImage image, in DirectMapLocation location, RmpImage rmp, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(rmp);
        _rmp = rmp;
        _buffer = new RmpEntry[PageArithmetic.EntriesPerTable];
        _cancellation = cancellation;
        _census = new DirectMapCensus<ImageMemoryView>(image.Memory.View(), location, listsLeaves: true, cancellation);
        _totals = default;
        _current = default;
        _leaf = default;
        _done = 0;
        _firstAbsent = default;
    }

    /// <summary>The finding of the last <see cref="MoveNext"/>.</summary>
    public readonly DirectMapRmpRegion Current => _current;

    /// <summary>The regions passed so far; all of them once <see cref="MoveNext"/> said that there is no more.</summary>
    public readonly DirectMapRmpTotals Totals => _totals;

    /// <summary>The first region whose entries the image does not hold; of use if there are any (<see cref="Totals"/>).</summary>
    public readonly PhysicalAddress FirstAbsentRegion => _firstAbsent;

    /// <summary>How many paging tables could not be read because the image does not hold them, whole or in part.</summary>
    public readonly long AbsentTables => _census.AbsentTables;

    /// <summary>Goes to the next finding.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            while (_done < (_leaf.Table.Value == 0 ? 0 : _leaf.Size.Bytes()))
            {
                ulong offset = _done;
                _done += PageSize.Size2M.Bytes();
                if (IsMixed(offset)) return true;
            }

            if (!_census.MoveNext())
            {
                _leaf = default;
                return false;
            }

            DirectMapSplit found = _census.Current;
            if (!_census.IsLeaf)
            {
                if (found.Size == PageSize.Size2M && IsFree(found)) return true;
            }
            else if (found.Table.Writable)
            {
                _leaf = found;
                _done = found.Size == PageSize.Size1G && IsPassedOver(found) ? found.Size.Bytes() : 0;
            }
        }
    }

    /// <summary>Whether nothing of a 1 GiB leaf has to be looked at: the RMP does not cover it, or the image holds none of its entries.
    /// Tables that are not what they should be can map terabytes.</summary>
    private bool IsPassedOver(in DirectMapSplit leaf)
    {
        _cancellation.ThrowIfCancellationRequested();
        ulong end = leaf.Start.Value + leaf.Size.Bytes();
        RmpGeometry geometry = _rmp.Geometry;
        bool isCovered = false;
        for (int index = 0; index < geometry.CoveredRanges && !isCovered; index++)
        {
            PhysicalRange range = geometry.CoveredRange(index);
            isCovered = range.Start.Value < end && range.End > leaf.Start.Value;
        }

        if (!isCovered) return true;
        if (!geometry.TryGetEntryAddress(leaf.Start, out PhysicalAddress first)
            || !geometry.TryGetEntryAddress(PhysicalAddress.Create(end - 1), out PhysicalAddress last)
            || last.Value - first.Value != ((leaf.Size.Pages() - 1) * RmpEntry.SizeInBytes)
            || (_rmp.Memory.TryNextRange(first, out PhysicalRange held) && held.Start <= last))
        {
            return false;
        }

        AddAbsent(leaf.Start, PageArithmetic.EntriesPerTable);
        return true;
    }

    /// <summary>Counts a region of a large leaf.</summary>
    private bool IsMixed(ulong offset)
    {
        if (!TryCount(_leaf.Start + offset, out int assigned, out PhysicalAddress first, out uint asid) || assigned == 0) return false;
        bool isGiant = _leaf.Size == PageSize.Size1G;
        if (assigned == PageArithmetic.EntriesPerTable)
        {
            _totals = isGiant ? _totals with { Assigned1G = _totals.Assigned1G + 1 } : _totals with { Assigned2M = _totals.Assigned2M + 1 };
            return false;
        }

        _totals = isGiant ? _totals with { Mixed1G = _totals.Mixed1G + 1 } : _totals with { Mixed2M = _totals.Mixed2M + 1 };
        _totals = _totals with { FaultingPages = _totals.FaultingPages + PageArithmetic.EntriesPerTable - assigned };
        _current = new DirectMapRmpRegion(
            DirectMapRmpFinding.WritesFault, _leaf.Start + offset, new VirtualAddress(_leaf.VirtualAddress.Value + offset), _leaf.Size,
            assigned, first, asid, SplitReasons.None);
        return true;
    }

    /// <summary>Counts a region in 4 KiB leaves.</summary>
    private bool IsFree(in DirectMapSplit split)
    {
        if (!TryCount(split.Start, out int assigned, out _, out _)) return false;
        if (assigned != 0)
        {
            _totals = assigned == PageArithmetic.EntriesPerTable
                ? _totals with { SplitAssigned = _totals.SplitAssigned + 1 }
                : _totals with { SplitMixed = _totals.SplitMixed + 1 };
            return false;
        }

        _current = new DirectMapRmpRegion(
            DirectMapRmpFinding.CouldBeWhole, split.Start, split.VirtualAddress, PageSize.Size4K, 0, default, 0, split.Reasons);
        _totals = _totals with
        {
            SplitFree = _totals.SplitFree + 1,
            SplitFreeAlike = _totals.SplitFreeAlike + (_current.IsAlike ? 1 : 0),
        };
        return true;
    }

    private void AddAbsent(PhysicalAddress region, int count)
    {
        if (_totals.Absent == 0) _firstAbsent = region;
        _totals = _totals with { Absent = _totals.Absent + count };
    }

    /// <summary>Counts the assigned pages of a region.</summary>
    /// <returns>False if the image does not hold its entries.</returns>
    private bool TryCount(PhysicalAddress region, out int assigned, out PhysicalAddress first, out uint asid)
    {
        assigned = 0;
        first = region;
        asid = 0;
        if (!_rmp.TryReadRegion(region, _buffer, out ReadOnlySpan<RmpEntry> entries, out bool isCovered))
        {
            if (isCovered) AddAbsent(region, 1);
            return !isCovered;
        }

        assigned = AssignedScan.Count(entries);
        if (assigned == 0) return true;
        int index = AssignedScan.IndexOfFirst(entries);
        first = region + ((ulong)index << PageSize.Size4K.Shift());
        asid = (entries[0] is { PageSize: PageSize.Size2M } top ? top : entries[index]).Asid;
        return true;
    }
}
