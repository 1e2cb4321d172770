using System;

namespace FastRmp.Images.Study;

/// <summary>The least that the direct map can cost on a trace for one who knows the future: a dynamic program over regions.</summary>
/// <remarks>
/// <para>For each region the least cost so far of ending in a large leaf, and of ending in small ones; a host write beside a guest's page
/// needs small ones. Between any two accesses a region may be split, with a flush of all processors, as split_large_page has, or joined,
/// with the flush of another (see <see cref="ByDebt"/>), so that regions do not depend on each other. An access costs what the TLB
/// model says
/// for the leaf that it meets.</para>
/// <para>A 1 GiB leaf that has to be split pays for one more table, and its regions then pay the smaller of what 2 MiB and 1 GiB leaves
/// cost: with 1 GiB leaves the result is a lower bound, without them it is exact.</para>
/// </remarks>
internal sealed class Optimum
{
    private const long Infinite = long.MaxValue / 4;

    private readonly long[] _large;
    private readonly long[] _small;
    private readonly int[] _largeSplits;
    private readonly int[] _smallSplits;
    private readonly bool[] _startedSmall;
    private readonly bool[] _giantSplit;
    private readonly long _split;
    private readonly long _join;
    private readonly long _splitGiant;

    internal Optimum(int regions, int ranges, StudyCosts costs)
    {
        _large = new long[regions];
        _small = new long[regions];
        _largeSplits = new int[regions];
        _smallSplits = new int[regions];
        _startedSmall = new bool[regions];
        _giantSplit = new bool[ranges];
        _split = Picoseconds(costs.Split);
        _join = Picoseconds(costs.JoinRiding);
        _splitGiant = Picoseconds(costs.SplitWithoutFlush);
        Array.Fill(_small, _split);
        Array.Fill(_smallSplits, 1);
    }

    /// <summary>Nanoseconds as whole picoseconds.</summary>
    internal static long Picoseconds(double nanoseconds) => (long)Math.Round(nanoseconds * 1000);

    /// <summary>The region began in small leaves.</summary>
    internal void StartSmall(int region)
    {
        (_large[region], _small[region]) = (_join, 0);
        _smallSplits[region] = 0;
        _startedSmall[region] = true;
    }

    /// <summary>Accesses of the host to a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="large">What they cost in picoseconds beyond the map at boot, through a large leaf.</param>
    /// <param name="small">The same through small ones.</param>
    /// <param name="needsSmall">Whether one is a write beside a page of a guest.</param>
    internal void Access(int region, long large, long small, bool needsSmall)
    {
        ref long inLarge = ref _large[region];
        ref long inSmall = ref _small[region];
        if (inSmall + _join < inLarge)
        {
            inLarge = inSmall + _join;
            _largeSplits[region] = _smallSplits[region];
        }
        else if (inLarge + _split < inSmall)
        {
            inSmall = inLarge + _split;
            _smallSplits[region] = _largeSplits[region] + 1;
        }

        inSmall += small;
        inLarge = needsSmall ? Infinite : inLarge + large;
    }

    /// <summary>A region of a 1 GiB leaf has to be split.</summary>
    internal void NeedsTable(int range) => _giantSplit[range] = true;

    /// <summary>The result.</summary>
    internal OptimumResult Result()
    {
        long picoseconds = 0;
        long splits = 0;
        long joins = 0;
        long giants = 0;
        for (int region = 0; region < _large.Length; region++)
        {
            bool isSmall = _small[region] < _large[region];
            picoseconds += isSmall ? _small[region] : _large[region];
            int regionSplits = isSmall ? _smallSplits[region] : _largeSplits[region];
            splits += regionSplits;
            joins += regionSplits + (_startedSmall[region] ? 1 : 0) - (isSmall ? 1 : 0);
        }

        foreach (bool isSplit in _giantSplit)
        {
            if (!isSplit) continue;
            giants++;
            picoseconds += _splitGiant;
        }

        return new OptimumResult(picoseconds / 1000.0, splits, giants, joins);
    }
}
