using System;

namespace FastRmp;

/// <summary>The pages of an ASID in a table: see <see cref="ReverseMapTable{TGeometry}.PagesOf"/>.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>
/// For one thread; others may change the table meanwhile. Each item was true at some moment of its <see cref="MoveNext"/>, but the items
/// together need not have been true at any one moment. A page whose owner changes, or whose region is split or joined, during the listing
/// may be missed, or be listed twice in different sizes. A page is left out if another thread was changing its entry, or the base of its
/// region, each time it was read.
/// </remarks>
#pragma warning disable CA1815 // an enumerator, never compared
public struct OwnedPageEnumerator<TGeometry>
#pragma warning restore CA1815
    where TGeometry : struct, IRmpGeometry
{
    private const int PagesPerRegion = PageArithmetic.EntriesPerTable;

    private readonly ReverseMapTable<TGeometry> _table;
    private readonly uint _asid;
    private int _ranges; // taken so far
    private ulong _region; // a 2 MiB region
    private ulong _end; // of the range that it is in
    private int _next; // the page of the region to look at

    /// <summary>Starts before the first page.</summary>
    /// <param name="table">The table.</param>
    /// <param name="asid">0 to 0x3FE.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ASID is larger.</exception>
    public OwnedPageEnumerator(ReverseMapTable<TGeometry> table, uint asid)
    {
        ArgumentNullException.ThrowIfNull(table);
        OwnedPage.RequireOwner(asid);
        _table = table;
        _asid = asid;
        _next = PagesPerRegion;
    }

    /// <summary>The page that was found last.</summary>
    public OwnedPage Current { get; private set; }

    /// <summary>The enumerator itself.</summary>
    /// <returns>A copy.</returns>
    public readonly OwnedPageEnumerator<TGeometry> GetEnumerator() => this;

    /// <summary>Goes to the next page.</summary>
    /// <returns>False at the end, of the default value at once.</returns>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public bool MoveNext()
    {
        if (_table is null) return false;
        do
        {
            PhysicalAddress region = PhysicalAddress.CreateUnchecked(_region);
            while (_next < PagesPerRegion)
            {
                ReadOnlySpan<RmpEntry> entries = _table.Region(region);
                int found = entries.IsEmpty ? -1 : OwnerScan.IndexOfFirst(entries[_next..], _asid);
                if (found < 0) break;
                int index = _next + found;
                _next = index + 1;
                if (TryTake(region + ((ulong)index << PageSize.Size4K.Shift()), index)) return true;
            }
        }
        while (TryNextRegion());
        return false;
    }

    private bool TryTake(PhysicalAddress page, int index)
    {
        RmpLookup lookup = _table.Lookup(page);
        bool isLarge = lookup.Size == PageSize.Size2M;
        if (isLarge) _next = PagesPerRegion;
        if (!lookup.IsSettled || !lookup.IsAssigned || (isLarge && index != 0)) return false;
        uint owner = lookup.Entry.Asid;
        if (lookup.Entry.IsInUseVmsa)
        {
            uint hidden = _table.OwnerInUse(page);
            if (hidden != 0) owner = hidden;
            if (owner == _asid && _table.Lookup(page) != lookup) return false; // the owner does not belong to this entry
        }

        if (owner != _asid) return false;
        Current = new OwnedPage(page, lookup.Size, lookup.Entry);
        return true;
    }

    private bool TryNextRegion()
    {
        _region += PageSize.Size2M.Bytes();
        _next = 0;
        if (_region < _end) return true;
        if (_ranges >= _table.Geometry.CoveredRanges)
        {
            _region = _end;
            _next = PagesPerRegion;
            _ = _table.IsCovered(default); // throws if the table was disposed: it covers nothing then
            return false;
        }

        PhysicalRange range = _table.Geometry.CoveredRange(_ranges++);
        _region = range.Start.Value;
        _end = range.End;
        return true;
    }
}
