using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Events with their times, 12 bytes each, in pooled slabs: appending never moves what is there.</summary>
/// <remarks>Memory that was not touched before is what costs most in a trace that is read once, so events are packed, and times are
/// kept as differences. What does not fit is in lists beside. Who reads unpacks a chunk at a time.</remarks>
internal sealed class PageEventStore : IDisposable
{
    /// <summary>Events a chunk, which is unpacked at once.</summary>
    internal const int ChunkEvents = 4096;

    private const int SlabEvents = 16 * ChunkEvents;
    private const ulong Wide = ulong.MaxValue;
    private const uint Jump = uint.MaxValue;

    private readonly List<PooledArray<ulong>> _slabs = [];
    private readonly List<PooledArray<uint>> _delaySlabs = [];
    private readonly List<Start> _starts = new(SlabEvents / ChunkEvents);
    private readonly List<PageEvent> _wide = [];
    private readonly List<ulong> _jumps = [];
    private ulong[] _events = [];
    private uint[] _delays = [];
    private int _used = SlabEvents;
    private ulong _time;

    internal int ChunkCount => _starts.Count;

    /// <summary>Appends an event and its time in nanoseconds, 0 if it has none.</summary>
    internal void Add(in PageEvent item, ulong time)
    {
        if (_used % ChunkEvents == 0) Begin();
        if (!item.TryPack(out ulong packed))
        {
            packed = Wide;
            _wide.Add(item);
        }

        ulong delay = unchecked(time - _time);
        if (delay >= Jump)
        {
            delay = Jump;
            _jumps.Add(time);
        }

        _time = time;
        _delays[_used] = (uint)delay;
        _events[_used++] = packed;
    }

    /// <summary>How many events a chunk has.</summary>
    internal int Length(int chunk) => chunk == _starts.Count - 1 ? ((_used - 1) % ChunkEvents) + 1 : ChunkEvents;

    /// <summary>Unpacks a chunk.</summary>
    /// <param name="chunk">Which one.</param>
    /// <param name="events">Receives its events: as long as it is.</param>
    /// <param name="times">Receives their times, as many.</param>
    internal void Unpack(int chunk, Span<PageEvent> events, Span<ulong> times)
    {
        int slab = chunk / (SlabEvents / ChunkEvents);
        int first = chunk % (SlabEvents / ChunkEvents) * ChunkEvents;
        ReadOnlySpan<ulong> packed = _slabs[slab].Span.Slice(first, events.Length);
        ReadOnlySpan<uint> delays = _delaySlabs[slab].Span.Slice(first, events.Length);
        times = times[..events.Length];
        (ulong time, int jump, int wide) = _starts[chunk];
        for (int i = 0; i < packed.Length; i++)
        {
            ulong one = packed[i];
            events[i] = one == Wide ? _wide[wide++] : PageEvent.Unpack(one);
            uint delay = delays[i];
            time = delay == Jump ? _jumps[jump++] : time + delay;
            times[i] = time;
        }
    }

    public void Dispose()
    {
        foreach (PooledArray<ulong> slab in _slabs)
        {
            slab.Dispose();
        }

        foreach (PooledArray<uint> slab in _delaySlabs)
        {
            slab.Dispose();
        }
    }

    private void Begin()
    {
        _starts.Add(new Start(_time, _jumps.Count, _wide.Count));
        if (_used != SlabEvents) return;
        PooledArray<ulong> slab = new(SlabEvents);
        _slabs.Add(slab);
        PooledArray<uint> delays = new(SlabEvents);
        _delaySlabs.Add(delays);
        _events = slab.Array;
        _delays = delays.Array;
        _used = 0;
    }

    /// <summary>The time of the event before a chunk, and where the lists are there.</summary>
    private readonly record struct Start(ulong Time, int Jump, int Wide);
}
