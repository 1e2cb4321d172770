using System;

namespace FastRmp.Images.Study;

/// <summary>The least that the direct map can cost on a trace for one who knows the future: a dynamic program over regions.</summary>
/// <remarks>
/// <para>For each region the least cost so far of ending in a large leaf, and of ending in small ones; a host write beside a guest's page
/// needs small ones. Between any two accesses a region may be split, with a flush of all processors, as split_large_page has, or joined,
/// with the flush of another (see <see cref="ByDebt"/>), so that regions do not depend on each other. An access costs what the TLB
/// model says
/// for the leaf that it meets.</para>
/// <para>1 GiB leaves: between two writes that need small leaves in a range of 1 GiB, its regions may have been one leaf, which saved what
/// walks of 2 MiB leaves cost more, and cost a join and a split of its own; and who had the region of the later write small before had to
/// join that and to split it again. Other small regions, which would have to be joined too, are left out of account: with 1 GiB leaves the
/// result is a lower bound, without them it is exact.</para>
/// </remarks>
internal sealed class Optimum
{
    // as floating point, so that no cost and no length of a trace overflows
    private readonly double[] _large;
    private readonly double[] _small;
    private readonly int[] _largeSplits;
    private readonly int[] _smallSplits;
    private readonly bool[] _startedSmall;
    private readonly RangeState[] _ranges;
    private readonly double _split;
    private readonly double _join;
    private readonly double _splitGiant;

    internal Optimum(int regions, int ranges, StudyCosts costs)
    {
        _large = new double[regions];
        _small = new double[regions];
        _largeSplits = new int[regions];
        _smallSplits = new int[regions];
        _startedSmall = new bool[regions];
        _ranges = new RangeState[ranges];
        _split = Picoseconds(costs.Split);
        _join = Picoseconds(costs.JoinRiding);
        _splitGiant = Picoseconds(costs.SplitWithoutFlush);
        Array.Fill(_small, _split);
        Array.Fill(_smallSplits, 1);
    }

    /// <summary>A range of 1 GiB.</summary>
    private struct RangeState
    {
        internal bool StartsAsOne;
        internal bool WasNeeded;
        internal double Saved; // since the last write that needed small leaves
        internal double Gain; // before
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
        ref double inLarge = ref _large[region];
        ref double inSmall = ref _small[region];
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
        inLarge = needsSmall ? double.PositiveInfinity : inLarge + large;
    }

    /// <summary>The range begins as one leaf of 1 GiB.</summary>
    internal void StartAsOne(int range, bool isOne = true) => _ranges[range].StartsAsOne = isOne;

    /// <summary>An access would have cost so much less through a leaf of 1 GiB than through one of 2 MiB.</summary>
    internal void SavedByOne(int range, long picoseconds)
    {
        if (picoseconds > 0) _ranges[range].Saved += picoseconds;
    }

    /// <summary>A write that needs small leaves comes next: a leaf of 1 GiB has to be split before.</summary>
    internal void NeedsTable(int range, int region)
    {
        ref RangeState state = ref _ranges[range];
        double saved = state.Saved;
        state.Saved = 0;
        if (state.StartsAsOne && !state.WasNeeded)
        {
            state.Gain += saved;
        }
        else
        {
            // what the region's own schedule loses if it is large now
            double loss = Math.Min(_large[region], _small[region] + _join) + _split - _small[region];
            state.Gain += Math.Max(0, saved - _join - _splitGiant - Math.Max(0, loss));
        }

        state.WasNeeded = true;
    }

    /// <summary>The result.</summary>
    internal OptimumResult Result()
    {
        double picoseconds = 0;
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

        foreach (RangeState state in _ranges)
        {
            bool staysOne = state.StartsAsOne && !state.WasNeeded;
            picoseconds -= state.Gain + Math.Max(0, state.Saved - (staysOne ? 0 : _join));
            if (!state.StartsAsOne || staysOne) continue;
            giants++;
            picoseconds += _splitGiant;
        }

        return new OptimumResult(picoseconds / 1000.0, splits, giants, joins);
    }
}
