using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The events of an RMP trace as units of <see cref="RmpEventCoder"/>: 16 bytes each, and more for those with rare fields. Who
/// reads unpacks a chunk at a time.</summary>
internal sealed class RmpEventStore
{
    /// <summary>Most events of a chunk.</summary>
    internal const int ChunkEvents = 512;

    private const int FirstSlabBytes = 64 * 1024;
    private const int MostSlabBytes = 4 * 1024 * 1024; // so large that the system gives pages of 2 MiB: of small ones each costs a fault

    private readonly List<PinnedMemory> _slabs = [];
    private readonly List<Chunk> _chunks = new(FirstSlabBytes / RmpEventCoder.UnitBytes / ChunkEvents * 8);
    private readonly List<string> _names = [];
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    private RmpEventCoder _coder;
    private int _slabBytes;
    private int _used;

    /// <summary>How many events there are.</summary>
    internal int Count { get; private set; }

    /// <summary>The names of commands, marks and classes, by their numbers.</summary>
    internal ReadOnlySpan<string> Names => CollectionsMarshal.AsSpan(_names);

    internal int ChunkCount => _chunks.Count;

    /// <summary>Appends an event.</summary>
    internal void Add(in RmpTraceEvent one)
    {
        if (_used + RmpEventCoder.MostBytes > _slabBytes)
        {
            _ = AddSlab();
            _used = 0;
        }

        if (_used == 0 || _chunks[^1].Count == ChunkEvents) _chunks.Add(new Chunk(_slabs.Count - 1, _used, _coder));
        uint name = one.Command is { } text ? Number(text) : 0;
        int length = _coder.Encode(one, name, Slab(_slabs.Count - 1)[_used..]);
        _used += length;
        ref Chunk chunk = ref CollectionsMarshal.AsSpan(_chunks)[^1];
        chunk.Count++;
        chunk.Length += length;
        Count++;
    }

    /// <summary>Begins a slab, whose units come from elsewhere.</summary>
    /// <returns>Its bytes, of any content; there as long as this object.</returns>
    internal Span<byte> AddSlab()
    {
        _slabBytes = _slabBytes == 0 ? FirstSlabBytes : Math.Min(2 * _slabBytes, MostSlabBytes);
        _slabs.Add(PinnedMemory.Allocate((ulong)_slabBytes));
        return Slab(_slabs.Count - 1);
    }

    /// <summary>The slab added last.</summary>
    internal Span<byte> LastSlab => Slab(_slabs.Count - 1);

    /// <summary>Takes units that lie in the slab added last.</summary>
    /// <param name="start">Where they begin there.</param>
    /// <param name="length">Their bytes.</param>
    /// <param name="count">How many events they are, at most <see cref="ChunkEvents"/>.</param>
    /// <param name="before">The state before them.</param>
    internal void AddChunk(int start, int length, int count, in RmpEventCoder before)
    {
        _chunks.Add(new Chunk(_slabs.Count - 1, start, before) { Length = length, Count = count });
        Count += count;
    }

    /// <summary>Appends a name, which has the next number.</summary>
    internal void AddName(string name)
    {
        _ = _numbers.TryAdd(name, (uint)_names.Count);
        _names.Add(name);
    }

    /// <summary>Unpacks a chunk.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="events">Receives at most <see cref="ChunkEvents"/>.</param>
    /// <returns>How many.</returns>
    internal int Unpack(int index, Span<RmpRecord> events)
    {
        ref readonly Chunk chunk = ref CollectionsMarshal.AsSpan(_chunks)[index];
        RmpEventCoder coder = chunk.Before;
        ReadOnlySpan<byte> units = Slab(chunk.Slab).Slice(chunk.Start, chunk.Length);
        events = events[..chunk.Count];
        for (int i = 0; i < events.Length; i++)
        {
            _ = coder.Decode(units, _names.Count, out events[i], out int length);
            units = units[length..];
        }

        GC.KeepAlive(this); // and with it the slab
        return events.Length;
    }

    /// <summary>Gives the memory back, which the garbage collector does not know of: many traces would pile up before it looks. Nobody may
    /// be reading.</summary>
    internal void Release()
    {
        foreach (PinnedMemory slab in _slabs)
        {
            slab.Dispose();
        }
    }

    private Span<byte> Slab(int index)
    {
        PinnedMemory slab = _slabs[index];
        return slab.Span(0, (int)slab.Length);
    }

    private uint Number(string name)
    {
        if (_numbers.TryGetValue(name, out uint number)) return number;
        number = (uint)_names.Count;
        AddName(name);
        return number;
    }

    /// <summary>Events one after the other in a slab, and the state before them.</summary>
    private struct Chunk(int slab, int start, RmpEventCoder before)
    {
        internal readonly int Slab = slab;
        internal readonly int Start = start;
        internal readonly RmpEventCoder Before = before;
        internal int Length;
        internal int Count;
    }
}
