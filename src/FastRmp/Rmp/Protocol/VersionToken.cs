using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>Values of the versions of regions: none is given out twice in a process (rule 7), nor by a table's counters
/// (<see cref="AsidCounters.NextToken"/>).</summary>
internal static class VersionToken
{
    // Of a value: 1 [63], which range [62:28], which one of it [27:0]; the first of a range is left out.
    private const ulong Marked = 1UL << 63;
    private const int RangeShift = 28;
    private const ulong WithinMask = (1UL << RangeShift) - 1;

    private static ulong _ranges;

    /// <summary>The next one of the thread's range; at its end, and before the first, the place of one that is left out.</summary>
    [ThreadStatic]
    private static ulong _next;

    /// <summary>A value that no version has or had.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Next()
    {
        ulong token = _next;
        if ((token & WithinMask) == 0) token = FirstOfRange();
        _next = token + 1;
        return token;
    }

    /// <summary>2^35 ranges: one for each thread, and another one after 2^28 values.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong FirstOfRange() => Marked | (Interlocked.Increment(ref _ranges) << RangeShift) | 1;
}
