using System.Collections.Generic;

namespace FastRmp.Tests.Rmp;

/// <summary>The formulas of the segmented RMP with plain divisions, a number at a time: what the geometry is held against.</summary>
/// <param name="Shift">The exponent of a segment.</param>
/// <param name="Segments">Checked segments, in any order, with or without covered memory.</param>
internal sealed record NaiveSegments(int Shift, IReadOnlyList<RmpSegment> Segments)
{
    private const ulong Gib = 1024 * 1024 * 1024;

    public ulong SegmentBytes
    {
        get
        {
            ulong bytes = 1;
            for (int i = 0; i < Shift; i++)
            {
                bytes *= 2;
            }

            return bytes;
        }
    }

    /// <summary>The address of a page's entry, or null if the page is not covered.</summary>
    public ulong? EntryAddress(ulong address)
    {
        foreach (RmpSegment segment in Segments)
        {
            if ((ulong)segment.Index != address / SegmentBytes) continue;
            ulong offset = address % SegmentBytes;
            if (offset < Mapped(segment)) return segment.RmpBase + (offset / 4096 * 16);
        }

        return null;
    }

    /// <summary>The place of a page's entry in storage that holds 16 KiB and then the segments by index, or null.</summary>
    public ulong? Index(ulong address)
    {
        ulong before = 1024;
        for (ulong i = 0; i < address / SegmentBytes; i++)
        {
            foreach (RmpSegment segment in Segments)
            {
                if ((ulong)segment.Index == i) before += Mapped(segment) / 4096;
            }
        }

        return EntryAddress(address) is null ? null : before + (address % SegmentBytes / 4096);
    }

    public ulong CoveredBytes()
    {
        ulong sum = 0;
        foreach (RmpSegment segment in Segments)
        {
            sum += Mapped(segment);
        }

        return sum;
    }

    public ulong Mapped(RmpSegment segment) => segment.CoveredGib * Gib < SegmentBytes ? segment.CoveredGib * Gib : SegmentBytes;
}
