using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Events with their times, 12 bytes each, in slabs: appending never moves what is there.</summary>
/// <remarks>Memory that was not touched before is what costs most in a trace that is read once, so events are packed, times are kept as
/// differences, and all but the first slab are so large that the system gives pages of 2 MiB. What does not fit is in lists beside. Who
/// reads unpacks a chunk at a time.</remarks>
internal sealed unsafe class PageEventStore : IDisposable
{
    /// <summary>Events a chunk, which is unpacked at once.</summary>
    internal const int ChunkEvents = 4096;

    private const int FirstSlabChunks = 16; // 768 KiB
    private const int SlabChunks = 128; // 6 MiB
    private const ulong Wide = ulong.MaxValue;
    private const uint Jump = uint.MaxValue;

    private readonly List<PinnedMemory> _slabs = [];
    private readonly List<Start> _starts = new(FirstSlabChunks);
    private readonly List<PageEvent> _wide = [];
    private readonly List<ulong> _jumps = [];
    private ulong* _events; // of the last slab, with room for _capacity
    private uint* _delays;
    private int _capacity;
    private int _used;
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

        // Safety: Begin made room for a whole chunk.
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
        bool isFirst = chunk < FirstSlabChunks;
        int slab = isFirst ? 0 : ((chunk - FirstSlabChunks) / SlabChunks) + 1;
        int first = (isFirst ? chunk : (chunk - FirstSlabChunks) % SlabChunks) * ChunkEvents;
        byte* origin = _slabs[slab].Pointer;

        // Safety: an event that is there lies in its slab.
        ReadOnlySpan<ulong> packed = new((ulong*)origin + first, events.Length);
        ReadOnlySpan<uint> delays = new((uint*)((ulong*)origin + Events(slab)) + first, events.Length);
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

        GC.KeepAlive(this); // and with it the slab
    }

    public void Dispose()
    {
        foreach (PinnedMemory slab in _slabs)
        {
            slab.Dispose();
        }
    }

    private static int Events(int slab) => (slab == 0 ? FirstSlabChunks : SlabChunks) * ChunkEvents;

    private void Begin()
    {
        _starts.Add(new Start(_time, _jumps.Count, _wide.Count));
        if (_used != _capacity) return;
        int capacity = Events(_slabs.Count);
        PinnedMemory slab = PinnedMemory.Allocate((ulong)capacity * (sizeof(ulong) + sizeof(uint)));
        _slabs.Add(slab);
        _events = (ulong*)slab.Pointer;
        _delays = (uint*)(_events + capacity);
        _capacity = capacity;
        _used = 0;
    }

    /// <summary>The time of the event before a chunk, and where the lists are there.</summary>
    private readonly record struct Start(ulong Time, int Jump, int Wide);
}
