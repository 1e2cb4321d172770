using System.Collections.Generic;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>Puts together what boot messages say of where the RMP is: one range, or the segment table, the size of a segment and a line for
/// each.</summary>
/// <remarks>A log may hold several boots: of what is said twice the last counts.</remarks>
internal sealed class LoggedGeometry
{
    private const int GibShift = 30;

    private readonly SortedDictionary<int, LoggedRmpSegment> _segments = [];
    private LoggedRmpTable? _table;
    private LoggedRmpTable? _earlier;
    private ulong? _base;
    private ulong? _gigabytes;
    private bool _isSegmented;
    private string? _refusal;

    /// <summary>Whether the messages say that the firmware reserved no memory for an RMP.</summary>
    private bool _isNone;

    internal LoggedGeometry(IEnumerable<LogFinding> findings)
    {
        foreach (LogFinding finding in findings)
        {
            switch (finding)
            {
                case LoggedRmpTable table:
                    if (_table is { } before && (before.Start, before.End) != (table.Start, table.End)) _earlier = before;
                    _table = table;
                    _isSegmented = false;
                    break;
                case LoggedRmpFact { Fact: RmpFact.SegmentTable } fact:
                    _segments.Clear();
                    _base = fact.First;
                    _gigabytes = null;
                    _isSegmented = true;
                    break;
                case LoggedRmpFact { Fact: RmpFact.SegmentGigabytes } fact:
                    _gigabytes = fact.First;
                    _isSegmented = true;
                    break;
                case LoggedRmpSegment segment:
                    _segments[segment.Index] = segment;
                    _isSegmented = true;
                    break;
                case LoggedRmpFact { Fact: RmpFact.NoRange or RmpFact.Refused } fact:
                    _refusal = fact.Text;
                    break;
                case LoggedRmpFact { Fact: RmpFact.NoTable }:
                    _isNone = true;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The geometry, as far as the messages tell; of a segmented RMP without lines about segments the image has the
    /// table.</summary>
    /// <param name="image">The image; null for none.</param>
    /// <param name="geometry">The geometry.</param>
    /// <param name="reason">Why there is none.</param>
    internal bool TryMake(MemoryImage? image, out RmpGeometry geometry, out string? reason)
    {
        if (_isSegmented) return TrySegments(image, out geometry, out reason);
        if (TryContiguous(_table, out geometry, out reason)) return true;
        if (reason is not null) return false;
        reason = _isNone ? "the firmware reserved no memory for an RMP" : _refusal;
        return false;
    }

    /// <summary>Another place that the messages name: of the other kind, or an earlier range.</summary>
    internal RmpGeometry? Other(MemoryImage? image)
    {
        RmpGeometry geometry;
        if (_isSegmented) return TryContiguous(_table, out geometry, out _) ? geometry : null;
        if (_base is not null && TrySegments(image, out geometry, out _)) return geometry;
        return TryContiguous(_earlier, out geometry, out _) ? geometry : null;
    }

    private static bool TryContiguous(LoggedRmpTable? table, out RmpGeometry geometry, out string? reason)
    {
        geometry = default;
        reason = null;
        if (table is null || !PhysicalAddress.TryCreate(table.Start, out PhysicalAddress start)
            || !PhysicalAddress.TryCreate(table.End, out PhysicalAddress end))
        {
            return false;
        }

        bool isMade = ContiguousGeometry.TryCreate(start, end, out ContiguousGeometry made, out reason);
        geometry = new RmpGeometry(made);
        return isMade;
    }

    private bool TrySegments(MemoryImage? image, out RmpGeometry geometry, out string? reason)
    {
        geometry = default;
        if (_base is not { } first || !PhysicalAddress.TryCreate(first, out PhysicalAddress start))
        {
            reason = _refusal ?? "the RMP is segmented, and the line 'Segmented RMP base table physical range' is missing";
            return false;
        }

        if (Shift() is not { } shift)
        {
            reason = "the RMP is segmented, and the line 'Segmented RMP using …GB segments' is missing";
            return false;
        }

        if (_segments.Count == 0)
        {
            reason = "the RMP is segmented, and the lines 'RMP segment …' are missing";
            return image is not null
                && SegmentedGeometry.TryCreate(start, shift, [], RmpSegmentTable.Processor, out SegmentedGeometry empty, out reason)
                && RmpSegmentTable.TryRead(image, RmpRegisters.Of(empty), out geometry, out reason);
        }

        List<RmpSegment> segments = [];
        foreach (LoggedRmpSegment segment in _segments.Values)
        {
            if (segment.Covered.Start >> shift != (ulong)segment.Index || segment.Covered.Size % (1UL << GibShift) != 0)
            {
                reason = $"segment {segment.Index} does not cover what a segment of its number would";
                return false;
            }

            segments.Add(new RmpSegment(segment.Index, segment.Covered.Size >> GibShift, segment.Table.Start));
        }

        bool isMade = SegmentedGeometry.TryCreate(
            start, shift, segments.ToArray(), RmpSegmentTable.Processor, out SegmentedGeometry made, out reason);
        geometry = new RmpGeometry(made);
        return isMade;
    }

    /// <summary>The exponent of a segment: as printed, else from where a segment begins.</summary>
    private int? Shift()
    {
        if (_gigabytes is { } size) return BitOperations.IsPow2(size) ? GibShift + BitOperations.Log2(size) : null;
        foreach (LoggedRmpSegment segment in _segments.Values)
        {
            ulong bytes = segment.Index == 0 ? 0 : segment.Covered.Start / (ulong)segment.Index;
            if (bytes != 0 && BitOperations.IsPow2(bytes)) return BitOperations.Log2(bytes);
        }

        return null;
    }
}
