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

    private const int SlabBytes = 256 * 1024;

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
        ref Chunk chunk = ref Open(RmpEventCoder.MostBytes, _coder);
        uint name = one.Command is { } text ? Number(text) : 0;
        _used += _coder.Encode(one, name, _slabs[^1].AsSpan(_used));
        chunk.Count++;
        Count++;
    }

    /// <summary>Appends a record of an event as it is.</summary>
    /// <param name="record">The record.</param>
    /// <param name="before">The state before it: that after the record appended last.</param>
    internal void Add(ReadOnlySpan<byte> record, in RmpEventCoder before)
    {
        ref Chunk chunk = ref Open(record.Length, before);
        record.CopyTo(_slabs[^1].AsSpan(_used));
        _used += record.Length;
        chunk.Count++;
        Count++;
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
    internal int Unpack(int index, Span<RmpTraceEvent> events)
    {
        Chunk chunk = _chunks[index];
        RmpEventCoder coder = chunk.Before;
        ReadOnlySpan<byte> records = _slabs[chunk.Slab].AsSpan(chunk.Start);
        ReadOnlySpan<string> names = Names;
        for (int i = 0; i < chunk.Count; i++)
        {
            _ = coder.Decode(records, names, out events[i], out int length);
            records = records[length..];
        }

        return chunk.Count;
    }

    private ref Chunk Open(int bytes, in RmpEventCoder before)
    {
        if (_used + bytes > SlabBytes)
        {
            _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabBytes));
            _used = 0;
        }

        if (_used == 0 || _chunks[^1].Count == ChunkEvents) _chunks.Add(new Chunk(_slabs.Count - 1, _used, before));
        return ref CollectionsMarshal.AsSpan(_chunks)[^1];
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
