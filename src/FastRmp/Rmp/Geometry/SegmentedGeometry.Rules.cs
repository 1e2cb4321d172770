using System;
using System.Collections.Generic;

namespace FastRmp;

/// <content>What hardware requires of a segmented RMP, and the data of the lookup.</content>
public readonly partial struct SegmentedGeometry
{
    private const int GibShift = 30;
    private const int AddressWidth = 52;
    private const ulong AddressSpace = PhysicalAddress.ValidMask + 1;

    /// <summary>Lays out checked segments.</summary>
    private SegmentedGeometry(PhysicalAddress rmpBase, int segmentShift, ReadOnlySpan<RmpSegment> segments)
    {
        Base = rmpBase;
        _pageShift = segmentShift - PageSize.Size4K.Shift();
        _segments = InOrder(segments);
        _windows = new Window[_segments.Length == 0 ? 0 : _segments[^1].Index + 1];
        foreach (RmpSegment segment in _segments)
        {
            ulong firstPage = (ulong)segment.Index << _pageShift;
            ulong firstIndex = (ContiguousGeometry.BookkeepingBytes / RmpEntry.SizeInBytes) + CoveredPages;
            ulong pages = CoveredBytes(segment, segmentShift) >> PageSize.Size4K.Shift();
            _windows[segment.Index] = new Window(firstPage + pages, unchecked(firstIndex - firstPage));
            CoveredPages += pages;
        }
    }

    private static RmpSegment[] InOrder(ReadOnlySpan<RmpSegment> segments)
    {
        List<RmpSegment> covering = new(segments.Length);
        foreach (RmpSegment segment in segments)
        {
            if (segment.CoveredGib != 0) covering.Add(segment);
        }

        covering.Sort(static (left, right) => left.Index.CompareTo(right.Index));
        return [.. covering];
    }

    /// <summary>The covered part of a segment: no more than the segment, whatever its entry says.</summary>
    private static ulong CoveredBytes(RmpSegment segment, int segmentShift) =>
        ulong.Min(segment.CoveredGib << GibShift, 1UL << segmentShift);

    private static PhysicalRange Covered(RmpSegment segment, int segmentShift) =>
        new(PhysicalAddress.Create((ulong)segment.Index << segmentShift), CoveredBytes(segment, segmentShift));

    /// <summary>Where the entries of a segment are.</summary>
    private static PhysicalRange Entries(RmpSegment segment, int segmentShift) =>
        new(PhysicalAddress.Create(segment.RmpBase), CoveredBytes(segment, segmentShift) / PageSize.Size4K.Bytes() * RmpEntry.SizeInBytes);

    private static string? Refusal(
        PhysicalAddress rmpBase, int segmentShift, ReadOnlySpan<RmpSegment> segments, ProcessorModel processor, out string parameter)
    {
        parameter = nameof(processor);
        if (!processor.HasSegmentedRmp) return $"The processor {processor.Name} has no segmented RMP.";
        parameter = nameof(rmpBase);
        if (rmpBase.Value % FirmwareRules.Alignment != 0)
        {
            return $"RMP_BASE 0x{rmpBase.Value:x} is not a multiple of 1 MiB, as that of a segmented RMP must be.";
        }

        // The unit of the covered size and the width of an address bound the exponent whatever a model says.
        parameter = nameof(segmentShift);
        int smallest = int.Max(processor.MinSegmentShift, GibShift);
        int largest = int.Min(processor.MaxSegmentShift, AddressWidth);
        if (segmentShift < smallest || segmentShift > largest)
        {
            return $"The segment exponent {segmentShift} is outside {smallest} to {largest}, which the "
                + $"processor {processor.Name} supports.";
        }

        parameter = nameof(segments);
        int limit = int.Clamp(processor.MaxSegments, 0, SegmentTableEntries);
        Span<bool> seen = stackalloc bool[SegmentTableEntries];
        seen.Clear();
        foreach (RmpSegment segment in segments)
        {
            string? refusal = Refusal(segment, segmentShift, limit);
            if (refusal is not null) return refusal;
            if (seen[segment.Index]) return $"Segment {segment.Index} is given twice.";
            seen[segment.Index] = true;
        }

        return Overlap(new PhysicalRange(rmpBase, HeaderBytes), segmentShift, segments);
    }

    private static string? Refusal(RmpSegment segment, int segmentShift, int limit)
    {
        if ((uint)segment.Index >= (uint)limit) return $"Segment {segment.Index} does not exist: there are {limit}, counted from 0.";
        if (segment.CoveredGib > RmpSegmentEntry.CoveredGibMask)
        {
            return $"Segment {segment.Index}: a covered size of {segment.CoveredGib} GiB does not fit into 20 bits.";
        }

        if (segment.RmpBase >= AddressSpace)
        {
            return $"Segment {segment.Index}: its RMP at 0x{segment.RmpBase:x} has address bits above bit 51.";
        }

        if (segment.RmpBase % FirmwareRules.Alignment != 0)
        {
            return $"Segment {segment.Index}: its RMP at 0x{segment.RmpBase:x} is not a multiple of 1 MiB.";
        }

        if (segment.CoveredGib == 0) return null;

        // Index and exponent together have at most 61 bits: the start does not wrap.
        ulong end = ((ulong)segment.Index << segmentShift) + CoveredBytes(segment, segmentShift);
        if (end > AddressSpace) return $"Segment {segment.Index} covers memory up to 0x{end - 1:x}, beyond 2^52.";
        PhysicalRange entries = Entries(segment, segmentShift);
        return entries.End > AddressSpace ? $"Segment {segment.Index}: its RMP at {FirmwareRules.Text(entries)} ends beyond 2^52." : null;
    }

    private static string? Overlap(PhysicalRange header, int segmentShift, ReadOnlySpan<RmpSegment> segments)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i].CoveredGib == 0) continue;
            PhysicalRange entries = Entries(segments[i], segmentShift);
            if (Overlaps(entries, header))
            {
                return $"Segment {segments[i].Index}: its RMP at {FirmwareRules.Text(entries)} overlaps bookkeeping and segment table "
                    + $"at {FirmwareRules.Text(header)}.";
            }

            for (int j = 0; j < i; j++)
            {
                if (segments[j].CoveredGib == 0) continue;
                PhysicalRange other = Entries(segments[j], segmentShift);
                if (Overlaps(entries, other))
                {
                    return $"Segment {segments[i].Index}: its RMP at {FirmwareRules.Text(entries)} overlaps that of "
                        + $"segment {segments[j].Index} at {FirmwareRules.Text(other)}.";
                }
            }
        }

        return null;
    }

    private static bool Overlaps(PhysicalRange left, PhysicalRange right) => left.Start.Value < right.End && right.Start.Value < left.End;

    /// <summary>What the lookup needs of a segment; the default value covers nothing.</summary>
    /// <param name="EndPage">Number of the page after the last covered one.</param>
    /// <param name="ToIndex">The difference between the index of an entry and the number of its page, modulo 2^64.</param>
    private readonly record struct Window(ulong EndPage, ulong ToIndex);
}
