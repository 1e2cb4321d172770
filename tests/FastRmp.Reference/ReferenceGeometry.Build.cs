using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Reference;

/// <content>Geometries from what somebody asks for, with the reason if they are refused (rmp 1.1, 1.4).</content>
public sealed partial class ReferenceGeometry
{
    /// <summary>A contiguous table.</summary>
    /// <param name="rmpBase">RMP_BASE, the first byte.</param>
    /// <param name="rmpEnd">RMP_END, the last byte.</param>
    /// <param name="refusal">Why there is no table, otherwise null.</param>
    /// <returns>The geometry, or null if it is refused.</returns>
    public static ReferenceGeometry? TryContiguous(ulong rmpBase, ulong rmpEnd, out string? refusal)
    {
        refusal = RefusalOfContiguous(rmpBase, rmpEnd);
        return refusal is null ? new ReferenceGeometry(rmpBase, rmpEnd) : null;
    }

    /// <summary>A segmented table.</summary>
    /// <param name="processor">The processor, which has to support it.</param>
    /// <param name="rmpBase">RMP_BASE, where bookkeeping and segment table stand.</param>
    /// <param name="segmentShift">The exponent of the segment size in bytes.</param>
    /// <param name="segments">The segment table, in any order; what is not named is not covered.</param>
    /// <param name="refusal">Why there is no table, otherwise null.</param>
    /// <returns>The geometry, or null if it is refused.</returns>
    public static ReferenceGeometry? TrySegmented(
        ReferenceProcessor processor, ulong rmpBase, ulong segmentShift, IReadOnlyList<ReferenceSegment> segments, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(segments);
        refusal = RefusalOfSegmented(processor, rmpBase, segmentShift, segments);
        return refusal is null ? new ReferenceGeometry(rmpBase, (int)segmentShift, segments) : null;
    }

    /// <summary>Whether a processor can use this geometry.</summary>
    /// <param name="processor">The processor.</param>
    /// <returns>Always true of a contiguous one.</returns>
    public bool FitsInto(ReferenceProcessor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        if (!IsSegmented) return true;
        return processor.HasSegmentedRmp && SegmentShift >= processor.SmallestSegmentShift && SegmentShift <= processor.LargestSegmentShift;
    }

    private static string? RefusalOfContiguous(ulong rmpBase, ulong rmpEnd)
    {
        if (rmpBase >= AddressSpace) return Say("RMP_BASE", rmpBase, "is above 52 bits");
        if (rmpEnd >= AddressSpace) return Say("RMP_END", rmpEnd, "is above 52 bits");
        if (rmpBase % Granularity != 0) return Say("RMP_BASE", rmpBase, "is not a multiple of 8 KiB");
        if ((rmpEnd + 1) % Granularity != 0) return Say("RMP_END", rmpEnd, "is not the last byte of 8 KiB");
        if (rmpEnd < rmpBase) return Say("RMP_END", rmpEnd, "is below RMP_BASE");

        ulong bytes = rmpEnd + 1 - rmpBase;
        if (bytes <= Bookkeeping) return Say("RMP_END", rmpEnd, "leaves no room for entries");
        ulong pages = (bytes - Bookkeeping) / EntrySize;
        return pages > AddressSpace / PageBytes ? Say("RMP_END", rmpEnd, "makes more entries than there are pages") : null;
    }

    private static string? RefusalOfSegmented(
        ReferenceProcessor processor, ulong rmpBase, ulong segmentShift, IReadOnlyList<ReferenceSegment> segments)
    {
        const ulong Alignment = 1024 * 1024;
        if (!processor.HasSegmentedRmp) return "the processor has no segmented RMP";
        if (rmpBase >= AddressSpace) return Say("RMP_BASE", rmpBase, "is above 52 bits");
        if (rmpBase % Alignment != 0) return Say("RMP_BASE", rmpBase, "is not a multiple of 1 MiB");
        if (segmentShift < (ulong)processor.SmallestSegmentShift) return Say("segment size", segmentShift, "is too small an exponent");
        if (segmentShift > (ulong)processor.LargestSegmentShift) return Say("segment size", segmentShift, "is too large an exponent");

        HashSet<ulong> indices = [];
        List<ReferenceRange> taken = [new ReferenceRange(rmpBase, rmpBase + Bookkeeping + SegmentTable - 1)];
        foreach (ReferenceSegment segment in segments)
        {
            if (segment.Index >= (ulong)processor.SegmentLimit) return Say("segment", segment.Index, "has no place in the segment table");
            if (!indices.Add(segment.Index)) return Say("segment", segment.Index, "is named twice");
            if (segment.Gib >= 1UL << 20) return Say("covered size", segment.Gib, "is above 20 bits");
            if (segment.RmpBase % Alignment != 0) return Say("segment RMP", segment.RmpBase, "is not a multiple of 1 MiB");
            if (segment.RmpBase >= AddressSpace) return Say("segment RMP", segment.RmpBase, "is above 52 bits");

            ulong bytes = Mapped(segment, (int)segmentShift) / 256;
            if (bytes == 0) continue;
            if (segment.Index >= AddressSpace >> (int)segmentShift) return Say("segment", segment.Index, "reaches beyond 52 bits");
            ReferenceRange own = new(segment.RmpBase, segment.RmpBase + bytes - 1);
            if (own.Last >= AddressSpace) return Say("segment RMP", segment.RmpBase, "reaches beyond 52 bits");
            foreach (ReferenceRange other in taken)
            {
                if (own.First <= other.Last && other.First <= own.Last) return Say("segment RMP", segment.RmpBase, "overlaps another part");
            }

            taken.Add(own);
        }

        return null;
    }

    // rmp 1.4: the covered size is clamped to the segment.
    private static ulong Mapped(ReferenceSegment segment, int segmentShift) => Math.Min(segment.Gib * Gib, 1UL << segmentShift);

    private static string Say(string what, ulong value, string problem) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} 0x{value:x} {problem}");
}
