using System;

namespace FastRmp.Firmware;

/// <summary>A list of ranges as it is in memory: a header of 8 bytes, then up to 255 ranges on the same page.</summary>
public readonly ref struct PageRangeList
{
    /// <summary>Makes a list of ranges.</summary>
    /// <param name="ranges">The ranges.</param>
    public PageRangeList(ReadOnlySpan<PageRangeEntry> ranges)
    {
        Ranges = ranges;
        Count = (uint)ranges.Length;
    }

    /// <summary>How many ranges the header says there are.</summary>
    public uint Count { get; init; }

    /// <summary>The reserved field of the header, must be 0.</summary>
    public uint Reserved { get; init; }

    /// <summary>What follows the header; if the header says that there are more, the rest is zeros.</summary>
    public ReadOnlySpan<PageRangeEntry> Ranges { get; init; }

    /// <summary>A range.</summary>
    /// <param name="index">Its number.</param>
    internal PageRangeEntry this[uint index] => index < (uint)Ranges.Length ? Ranges[(int)index] : default;
}
