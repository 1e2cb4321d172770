using System;
using System.Collections.Generic;
using System.Numerics;

namespace FastRmp.Images.Study;

/// <summary>Writes down how the maps of all policies change while a trace is replayed: series over time, pictures of memory, how long
/// regions stay split.</summary>
/// <remarks>
/// <para>Time is a grid of at most <see cref="MostSamples"/> points. When it is full, every other point is dropped and the distance
/// doubles, so that a trace of any length, and one that is still being read, costs the same memory. A sample is the state after
/// everything that happened up to its time.</para>
/// <para>Memory is at most <see cref="MostCells"/> cells of one or more regions; the distributions follow at most
/// <see cref="MostFollowed"/> regions, one in so many of all.</para>
/// </remarks>
internal sealed class StudyRecorder
{
    /// <summary>Most points in time, the end aside.</summary>
    internal const int MostSamples = SamplesOfFrame * 48;

    /// <summary>Most cells of a picture of memory.</summary>
    internal const int MostCells = 2048;

    /// <summary>Most regions of which the distributions tell.</summary>
    internal const int MostFollowed = 16_384;

    private const int SamplesOfFrame = 8;
    private const long FirstInterval = 1024;
    private const int SeriesCount = (int)StudySeries.ExtraWalks + 1;
    private const long NotSplit = -1;

    private readonly int _policies;
    private readonly List<long[]> _samples = [];
    private readonly List<byte[]> _frames = [];
    private long[] _extraWalks = [];
    private int[] _cellSplits = []; // a number for each policy and cell
    private long[] _cellOwned = [];
    private int[] _cellWhole = [];
    private int _regions;
    private int _cells;
    private int _cellShift;
    private int _followedStep;
    private int _followed;
    private long[] _since = []; // a time for each policy and followed region
    private double[] _pageTimeThen = [];
    private double[] _pageTime = []; // pages times nanoseconds for each followed region
    private long[] _pageTimeUntil = [];
    private int[] _pages = [];
    private RegionLives[] _lives = [];
    private long _start;
    private long _interval = FirstInterval;
    private long _next;

    internal StudyRecorder(int policies) => _policies = policies;

    /// <summary>The first event is about to happen.</summary>
    internal void Start(MapStudy map)
    {
        _start = map.Now;
        _next = map.Now;
        _regions = map.Regions;
        while ((_regions - 1) >> _cellShift >= MostCells)
        {
            _cellShift++;
        }

        _cells = ((_regions - 1) >> _cellShift) + 1;
        _followedStep = ((_regions - 1) / MostFollowed) + 1;
        _followed = ((_regions - 1) / _followedStep) + 1;
        _extraWalks = new long[_policies];
        _cellSplits = new int[_policies * _cells];
        _cellOwned = new long[_cells];
        _cellWhole = new int[_cells];
        _since = new long[_policies * _followed];
        Array.Fill(_since, NotSplit);
        _pageTimeThen = new double[_policies * _followed];
        _pageTime = new double[_followed];
        _pageTimeUntil = new long[_followed];
        Array.Fill(_pageTimeUntil, _start);
        _pages = new int[_followed];
        _lives = new RegionLives[_policies];
        for (int policy = 0; policy < _policies; policy++)
        {
            _lives[policy] = new RegionLives();
        }

        for (int region = 0; region < _regions; region++)
        {
            if (!map.IsWhole(region)) continue;
            _cellWhole[region >> _cellShift]++;
            foreach (MapRun run in map.Runs)
            {
                if (map.IsSplit(run, region)) Split(run.Index, region, _start);
            }
        }
    }

    /// <summary>Nothing more happens before this time.</summary>
    internal void Until(MapStudy map, long time)
    {
        while (_next < time)
        {
            Sample(map);
            _next += _interval;
            if (_samples.Count == MostSamples) Thin();
        }
    }

    /// <summary>A policy split a region.</summary>
    internal void Split(int policy, int region, long now)
    {
        _cellSplits[(policy * _cells) + (region >> _cellShift)]++;
        if (region % _followedStep != 0) return;
        int followed = region / _followedStep;
        CountPageTime(followed, now);
        int index = (policy * _followed) + followed;
        _since[index] = now;
        _pageTimeThen[index] = _pageTime[followed];
    }

    /// <summary>A policy joined a region.</summary>
    internal void Joined(int policy, int region, long now)
    {
        _cellSplits[(policy * _cells) + (region >> _cellShift)]--;
        if (region % _followedStep == 0) EndLife(policy, region / _followedStep, now, isOver: true);
    }

    /// <summary>Pages of a region got to guests, or came back.</summary>
    internal void Owned(int region, int delta, long now)
    {
        _cellOwned[region >> _cellShift] += delta;
        if (region % _followedStep != 0) return;
        int followed = region / _followedStep;
        CountPageTime(followed, now);
        _pages[followed] += delta;
    }

    /// <summary>The host touched a region.</summary>
    /// <param name="split">The policies that have it split.</param>
    /// <param name="giant">The policies that have it in a 1 GiB leaf.</param>
    /// <param name="small">Walks through small leaves beyond those through large ones.</param>
    /// <param name="inGiant">The same through a 1 GiB leaf.</param>
    internal void Accessed(ulong split, ulong giant, int small, int inGiant)
    {
        for (ulong mask = small == 0 ? 0 : split; mask != 0; mask &= mask - 1)
        {
            _extraWalks[BitOperations.TrailingZeroCount(mask)] += small;
        }

        for (ulong mask = inGiant == 0 ? 0 : giant; mask != 0; mask &= mask - 1)
        {
            _extraWalks[BitOperations.TrailingZeroCount(mask)] += inGiant;
        }
    }

    /// <summary>The trace is over.</summary>
    /// <returns>A history for each policy.</returns>
    internal PolicyHistory[] Finish(MapStudy map)
    {
        if (_cells == 0) Start(map);
        Until(map, map.Now);
        Sample(map);
        if ((_samples.Count - 1) % SamplesOfFrame != 0) _frames.Add(Frame());
        long[] times = new long[_samples.Count];
        long[] frameTimes = new long[_frames.Count];
        for (int index = 0; index < times.Length; index++)
        {
            times[index] = index == times.Length - 1 ? map.Now - _start : index * _interval;
        }

        for (int index = 0; index < frameTimes.Length; index++)
        {
            frameTimes[index] = times[Math.Min(index * SamplesOfFrame, times.Length - 1)];
        }

        MemoryHistory memory = new(_regions, 1 << _cellShift, _followedStep, Array.ConvertAll(_cellWhole, static one => one != 0),
            frameTimes, Layer(_policies));
        PolicyHistory[] histories = new PolicyHistory[_policies];
        foreach (MapRun run in map.Runs)
        {
            for (int followed = 0; followed < _followed; followed++)
            {
                if (_since[(run.Index * _followed) + followed] != NotSplit) EndLife(run.Index, followed, map.Now, isOver: false);
            }

            long[][] series = new long[SeriesCount][];
            for (int one = 0; one < SeriesCount; one++)
            {
                series[one] = new long[times.Length];
                for (int index = 0; index < times.Length; index++)
                {
                    series[one][index] = _samples[index][(run.Index * SeriesCount) + one];
                }
            }

            histories[run.Index] = new PolicyHistory(
                run.Variant.Name, times, series, memory, Layer(run.Index), _lives[run.Index]);
        }

        return histories;
    }

    private void Sample(MapStudy map)
    {
        if (_samples.Count % SamplesOfFrame == 0) _frames.Add(Frame());
        long[] values = new long[_policies * SeriesCount];
        foreach (MapRun run in map.Runs)
        {
            Span<long> of = values.AsSpan(run.Index * SeriesCount, SeriesCount);
            of[(int)StudySeries.Leaves4K] = run.Leaves4K;
            of[(int)StudySeries.Leaves2M] = run.Leaves2M;
            of[(int)StudySeries.Leaves1G] = run.Leaves1G;
            of[(int)StudySeries.Splits] = run.Splits2M + run.Splits1G;
            of[(int)StudySeries.Rejoins] = run.Joins2M + run.Joins1G;
            of[(int)StudySeries.Violations] = run.Violations;
            of[(int)StudySeries.Tables] = run.Tables;
            of[(int)StudySeries.ExtraWalks] = _extraWalks[run.Index] - map.StartWalks;
        }

        _samples.Add(values);
    }

    // For each policy and cell how much of it is split, then for each cell how much of it guests own.
    private byte[] Frame()
    {
        byte[] frame = new byte[(_policies + 1) * _cells];
        for (int policy = 0; policy < _policies; policy++)
        {
            for (int cell = 0; cell < _cells; cell++)
            {
                int splits = _cellSplits[(policy * _cells) + cell];
                frame[(policy * _cells) + cell] = (byte)(splits == 0 ? 0 : splits * 2 < _cellWhole[cell] ? 1 : 2);
            }
        }

        for (int cell = 0; cell < _cells; cell++)
        {
            long owned = _cellOwned[cell];
            long pages = Math.Max(1, _cellWhole[cell]) * MapStudy.RegionPages;
            frame[(_policies * _cells) + cell] = (byte)(owned <= 0 ? 0 : owned * 2 < pages ? 1 : owned < pages ? 2 : 3);
        }

        return frame;
    }

    private byte[][] Layer(int layer)
    {
        byte[][] frames = new byte[_frames.Count][];
        for (int index = 0; index < frames.Length; index++)
        {
            frames[index] = _frames[index].AsSpan(layer * _cells, _cells).ToArray();
        }

        return frames;
    }

    private void Thin()
    {
        for (int index = 0; index < MostSamples / 2; index++)
        {
            _samples[index] = _samples[index * 2];
        }

        _samples.RemoveRange(MostSamples / 2, MostSamples / 2);
        int frames = _frames.Count / 2;
        for (int index = 0; index < frames; index++)
        {
            _frames[index] = _frames[index * 2];
        }

        _frames.RemoveRange(frames, _frames.Count - frames);
        _interval *= 2;
    }

    private void CountPageTime(int followed, long now)
    {
        _pageTime[followed] += (double)_pages[followed] * (now - _pageTimeUntil[followed]);
        _pageTimeUntil[followed] = now;
    }

    private void EndLife(int policy, int followed, long now, bool isOver)
    {
        CountPageTime(followed, now);
        int index = (policy * _followed) + followed;
        long duration = now - _since[index];
        double pages = duration == 0 ? _pages[followed] : (_pageTime[followed] - _pageTimeThen[index]) / duration;
        _lives[policy].Add(duration, pages, isOver);
        _since[index] = NotSplit;
    }
}
