using System;
using System.Numerics;

namespace FastRmp.Images.Study;

/// <summary>How long regions stayed split under one policy, and how many pages guests had in them meanwhile.</summary>
internal sealed class RegionLives
{
    private const long Millisecond = 1_000_000;
    private const int MostPages = MapStudy.RegionPages;

    /// <summary>How many classes of numbers of pages there are: 0, 1, 2 and 3, 4 to 7 and so on, the last being all.</summary>
    internal const int PageClasses = 11;

    private static readonly long[] Limits = CreateLimits();

    private readonly long[] _joined = new long[Limits.Length + 1];
    private readonly long[] _split = new long[Limits.Length + 1];
    private readonly long[] _held = new long[PageClasses];

    /// <summary>The bounds between durations in nanoseconds: 1 ms, 3 ms, 10 ms and so on.</summary>
    internal static ReadOnlySpan<long> DurationLimits => Limits;

    /// <summary>The smallest number of pages of a class.</summary>
    internal static int PagesFrom(int index) => index == 0 ? 0 : 1 << (index - 1);

    /// <summary>Regions by the time from split to join.</summary>
    internal ReadOnlySpan<long> Joined => _joined;

    /// <summary>Regions that are split at the end, by the time since their split.</summary>
    internal ReadOnlySpan<long> StillSplit => _split;

    /// <summary>All of them by the pages that guests had there, as a mean over the time that they were split.</summary>
    internal ReadOnlySpan<long> PagesHeld => _held;

    /// <summary>A region was split for some time.</summary>
    internal void Add(long duration, double pages, bool isOver)
    {
        int place = 0;
        while (place < Limits.Length && duration >= Limits[place])
        {
            place++;
        }

        (isOver ? _joined : _split)[place]++;
        int rounded = (int)Math.Clamp(Math.Round(pages), 0, MostPages);
        _held[rounded == 0 ? 0 : BitOperations.Log2((uint)rounded) + 1]++;
    }

    private static long[] CreateLimits()
    {
        long[] limits = new long[17]; // up to 100,000 s, more than a day
        for (int index = 0; index < limits.Length; index++)
        {
            limits[index] = Millisecond * (index % 2 == 0 ? 1 : 3);
            for (int decade = index / 2; decade > 0; decade--)
            {
                limits[index] *= 10;
            }
        }

        return limits;
    }
}
