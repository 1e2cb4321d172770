using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>What is noted of a trace's operands while it is read, so that nobody has to read it again for that: which guests there are, and
/// whether updates lie outside the RAM that the trace states before the first of them.</summary>
internal sealed class RmpUpdatesSeen
{
    private const uint Asids = 1024;
    private const int WordShift = 6;
    private const int WordMask = 63;

    private static readonly PhysicalRange[] Everything = [new(default, PhysicalAddress.ValidMask + 1)];

    private readonly ulong[] _asids = new ulong[Asids >> WordShift];
    private PhysicalRange[]? _ram;
    private bool _meetsHoles;
    private ulong _first; // of the range that had the last update, in pages
    private ulong _end;

    /// <summary>Takes an event that has an operand.</summary>
    /// <param name="one">The event.</param>
    /// <param name="ram">The RAM so far, in any order.</param>
    internal void Take(in RmpRecord one, List<PhysicalRange> ram)
    {
        Mark(one.Operand.Asid);
        if (one.Kind is not (RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.Convert)) return;
        ulong first = one.Page.PageNumber;
        ulong pages = (ulong)one.Pages;
        bool isAligned = true;
        if (one.Kind == RmpTraceEventKind.RmpUpdate && one.Operand.PageSize == PageSize.Size2M)
        {
            pages = PageSize.Size2M.Pages();
            isAligned = (first & (pages - 1)) == 0;
        }

        if (!isAligned || first < _first || first + pages > _end) Look(one, ram);
    }

    /// <summary>Pages of which another update tells nothing new but its ASID: those of the range of RAM that had the last one.</summary>
    internal (ulong First, ulong End) Known => (_first, _end);

    /// <summary>Takes an operand's ASID.</summary>
    internal void Mark(uint asid)
    {
        if (asid < Asids) _asids[asid >> WordShift] |= 1UL << (int)(asid & WordMask);
    }

    /// <summary>How many ASIDs from 1 to a highest one there are.</summary>
    internal int CountGuests(uint maxAsid)
    {
        int guests = 0;
        for (uint asid = 1; asid <= Math.Min(maxAsid, Asids - 1); asid++)
        {
            if ((_asids[asid >> WordShift] >> (int)(asid & WordMask) & 1) != 0) guests++;
        }

        return guests;
    }

    /// <summary>Whether updates lie outside a machine's RAM.</summary>
    /// <param name="ram">RAM in whole pages, in order, with a hole between any two ranges.</param>
    /// <param name="end">The address after the highest page of the trace.</param>
    /// <returns>Null if that is not known: it is another machine's RAM than that which the trace states.</returns>
    internal bool? MeetHoles(ReadOnlySpan<PhysicalRange> ram, ulong end)
    {
        if (_ram is null) return false;
        bool isSame = ReferenceEquals(_ram, Everything)
            ? ram.Length == 1 && ram[0].Start == default && ram[0].End >= end : ram.SequenceEqual(_ram);
        return isSame ? _meetsHoles : null;
    }

    /// <summary>Whether an RMPUPDATE or a conversion is of pages that are RAM, as mainline demands.</summary>
    /// <param name="ram">RAM in whole pages.</param>
    /// <param name="one">The event.</param>
    internal static bool IsWithin(ReadOnlySpan<PhysicalRange> ram, in RmpRecord one)
    {
        if (one.Kind == RmpTraceEventKind.RmpUpdate) return RamRanges.Contain(ram, one.Page, one.Operand.PageSize);
        ulong first = one.Page.PageNumber << PageSize.Size4K.Shift();
        return RamRanges.Find(ram, first, first + ((ulong)(one.Pages - 1) << PageSize.Size4K.Shift())) >= 0;
    }

    private void Look(in RmpRecord one, List<PhysicalRange> ram)
    {
        _ram ??= WholePages(ram);
        if (!IsWithin(_ram, one))
        {
            _meetsHoles = true;
            return;
        }

        PhysicalRange range = _ram[RamRanges.Find(_ram, one.Page.Value, one.Page.Value)];
        (_first, _end) = (range.Start.PageNumber, range.End >> PageSize.Size4K.Shift());
    }

    // Ranges that overlap are refused later.
    private static PhysicalRange[] WholePages(List<PhysicalRange> ram)
    {
        if (ram.Count == 0) return Everything;
        PhysicalRange[] sorted = [.. ram];
        Array.Sort(sorted, static (left, right) => left.Start.CompareTo(right.Start));
        return RamRanges.WholePages(sorted);
    }
}
