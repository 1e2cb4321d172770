using System;
using System.Collections.Generic;

namespace FastRmp.Firmware;

/// <summary>SNP_INIT's list of ranges: what each covered page is to be, before anything is written. Later entries override earlier
/// ones.</summary>
internal sealed class InitPlan
{
    // In the order of addresses, without gaps inside a covered range; a piece never reaches over the end of one.
    private readonly List<Piece> _pieces = [];

    private InitPlan()
    {
    }

    internal IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>The plan in which all that is covered has one content.</summary>
    internal static InitPlan Create<TGeometry>(TGeometry geometry, ulong low)
        where TGeometry : struct, IRmpGeometry
    {
        InitPlan plan = new();
        for (int i = 0; i < geometry.CoveredRanges; i++)
        {
            PhysicalRange covered = geometry.CoveredRange(i);
            plan._pieces.Add(new Piece(covered.Start.Value, covered.End, low));
        }

        return plan;
    }

    /// <summary>Gives the covered pages of a range another content.</summary>
    internal void SetContent(PhysicalRange range, ulong low) => SetContent(range.Start.Value, range.End, low);

    /// <summary>Gives the covered pages of a range another content.</summary>
    internal void SetContent(ulong start, ulong end, ulong low)
    {
        if (end <= start) return;
        Split(start);
        Split(end);
        for (int i = FirstEndingAfter(start); i < _pieces.Count && _pieces[i].Start < end; i++)
        {
            _pieces[i] = _pieces[i] with { Low = low };
        }
    }

    /// <summary>Gives the covered pages of a range another content, except those of the excluded ranges.</summary>
    /// <param name="range">The range.</param>
    /// <param name="low">The content.</param>
    /// <param name="excluded">The ranges to leave out, in ascending order.</param>
    internal void SetContentExcept(PhysicalRange range, ulong low, ReadOnlySpan<PhysicalRange> excluded)
    {
        ulong start = range.Start.Value;
        foreach (PhysicalRange other in excluded)
        {
            if (other.End <= start) continue;
            if (other.Start.Value >= range.End) break;
            SetContent(start, other.Start.Value, low);
            start = other.End;
        }

        SetContent(start, range.End, low);
    }

    /// <summary>Whether all pages of a range are covered and have a content.</summary>
    internal bool IsAll(PhysicalRange range, ulong low)
    {
        ulong reached = range.Start.Value;
        for (int i = FirstEndingAfter(reached); reached < range.End; i++)
        {
            if (i == _pieces.Count || _pieces[i].Start > reached || _pieces[i].Low != low) return false;
            reached = _pieces[i].End;
        }

        return true;
    }

    private void Split(ulong address)
    {
        int i = FirstEndingAfter(address);
        if (i == _pieces.Count || _pieces[i].Start >= address) return;
        Piece whole = _pieces[i];
        _pieces[i] = whole with { End = address };
        _pieces.Insert(i + 1, whole with { Start = address });
    }

    private int FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _pieces.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_pieces[middle].End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Pages with one content.</summary>
    /// <param name="Start">Address of the first byte.</param>
    /// <param name="End">Address after the last byte.</param>
    /// <param name="Low">The low quadword of their entries.</param>
    internal readonly record struct Piece(ulong Start, ulong End, ulong Low)
    {
        internal PhysicalRange Range => new(PhysicalAddress.Create(Start), End - Start);
    }
}
