using System;
using System.Collections.Generic;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>Regions of which single pages are given out: those that have a free page can be drawn.</summary>
internal sealed class FramePool(Stack<int> freeRegions)
{
    private const int PagesPerRegion = 512;
    private const int RegionShift = 9;

    private readonly Dictionary<int, Region> _regions = [];
    private readonly List<Region> _open = [];

    /// <summary>Whether there is a region with a free page.</summary>
    internal bool IsOpen => _open.Count != 0;

    /// <summary>Whether a page lies in one of the regions.</summary>
    internal bool Has(ulong frame) => _regions.ContainsKey((int)(frame >> RegionShift));

    /// <summary>Gives out a page, of a new region if no other has one.</summary>
    /// <returns>The page; null if there is no memory.</returns>
    internal ulong? Take(SeededRandom random, bool isLast)
    {
        if (_open.Count == 0)
        {
            if (!freeRegions.TryPop(out int number)) return null;
            Region made = new(number);
            _regions.Add(number, made);
            Open(made);
        }

        Region region = isLast ? _open[^1] : _open[random.Below(_open.Count)];
        int page = region.TakeFirst();
        if (region.Count == PagesPerRegion) Close(region);
        return ((ulong)region.Number << RegionShift) + (ulong)page;
    }

    /// <summary>Takes a page back, and the region if that was its last.</summary>
    internal void Return(ulong frame)
    {
        Region region = _regions[(int)(frame >> RegionShift)];
        if (region.Count == PagesPerRegion) Open(region);
        region.Return((int)(frame & (PagesPerRegion - 1)));
        if (region.Count != 0) return;
        Close(region);
        _ = _regions.Remove(region.Number);
        freeRegions.Push(region.Number);
    }

    private void Open(Region region)
    {
        region.Index = _open.Count;
        _open.Add(region);
    }

    private void Close(Region region)
    {
        Region last = _open[^1];
        _open[region.Index] = last;
        last.Index = region.Index;
        _open.RemoveAt(_open.Count - 1);
    }

    /// <summary>A region with its pages that are in use.</summary>
    private sealed class Region(int number)
    {
        private readonly ulong[] _used = new ulong[PagesPerRegion / 64];

        internal int Number { get; } = number;

        internal int Index { get; set; }

        internal int Count { get; private set; }

        internal int TakeFirst()
        {
            int word = _used.AsSpan().IndexOfAnyExcept(ulong.MaxValue);
            int bit = BitOperations.TrailingZeroCount(~_used[word]);
            _used[word] |= 1UL << bit;
            Count++;
            return (word * 64) + bit;
        }

        internal void Return(int page)
        {
            _used[page / 64] &= ~(1UL << (page % 64));
            Count--;
        }
    }
}
