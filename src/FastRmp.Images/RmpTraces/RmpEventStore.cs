using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The events of an RMP trace as records of <see cref="RmpEventCoder"/>: a few bytes each. Who reads unpacks a chunk at a
/// time.</summary>
internal sealed class RmpEventStore
{
    /// <summary>Most events of a chunk.</summary>
    internal const int ChunkEvents = 512;

    /// <summary>Bytes that records are put into, one after the other.</summary>
    internal const int SlabBytes = 256 * 1024;

    private readonly List<byte[]> _slabs = [];
    private readonly List<Chunk> _chunks = new(SlabBytes / ChunkEvents / 8);
    private readonly List<string> _names = [];
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    private RmpEventCoder _coder;
    private int _used = SlabBytes;

    /// <summary>How many events there are.</summary>
    internal int Count { get; private set; }

    /// <summary>The names of commands, marks and classes, by their numbers.</summary>
    internal ReadOnlySpan<string> Names => CollectionsMarshal.AsSpan(_names);

    internal int ChunkCount => _chunks.Count;

    /// <summary>Appends an event.</summary>
    internal void Add(in RmpTraceEvent one)
    {
        if (_used + RmpEventCoder.MostBytes > SlabBytes)
        {
            _ = AddSlab();
            _used = 0;
        }

        if (_used == 0 || _chunks[^1].Count == ChunkEvents) _chunks.Add(new Chunk(_slabs.Count - 1, _used, _coder));
        uint name = one.Command is { } text ? Number(text) : 0;
        _used += _coder.Encode(one, name, _slabs[^1].AsSpan(_used));
        CollectionsMarshal.AsSpan(_chunks)[^1].Count++;
        Count++;
    }

    /// <summary>Begins a slab, whose records come from elsewhere.</summary>
    /// <returns>Its bytes, of any content.</returns>
    internal byte[] AddSlab()
    {
        byte[] slab = GC.AllocateUninitializedArray<byte>(SlabBytes);
        _slabs.Add(slab);
        return slab;
    }

    /// <summary>Takes records that lie in the slab added last.</summary>
    /// <param name="start">Where they begin there.</param>
    /// <param name="count">How many they are, at most <see cref="ChunkEvents"/>.</param>
    /// <param name="before">The state before them.</param>
    internal void AddChunk(int start, int count, in RmpEventCoder before)
    {
        _chunks.Add(new Chunk(_slabs.Count - 1, start, before) { Count = count });
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
        ReadOnlySpan<byte> records = _slabs[chunk.Slab].AsSpan(chunk.Start);
        events = events[..chunk.Count];
        for (int i = 0; i < events.Length; i++)
        {
            _ = coder.Decode(records, _names.Count, out events[i], out int length);
            records = records[length..];
        }

        return events.Length;
    }

    private uint Number(string name)
    {
        if (_numbers.TryGetValue(name, out uint number)) return number;
        number = (uint)_names.Count;
        AddName(name);
        return number;
    }

    /// <summary>Records one after the other in a slab, and the state before them.</summary>
    private struct Chunk(int slab, int start, RmpEventCoder before)
    {
        internal readonly int Slab = slab;
        internal readonly int Start = start;
        internal readonly RmpEventCoder Before = before;
        internal int Count;
    }
}
