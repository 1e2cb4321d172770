using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Events in pooled chunks: appending never moves what is there.</summary>
internal sealed class PageEventStore : IDisposable
{
    /// <summary>Events a chunk: 1 MiB.</summary>
    internal const int ChunkEvents = 64 * 1024;

    private readonly List<PooledArray<PageEvent>> _chunks = [];
    private readonly List<PooledArray<ulong>> _times = [];
    private PageEvent[] _last = [];
    private ulong[] _lastTimes = [];
    private int _used = ChunkEvents;

    internal int ChunkCount => _chunks.Count;

    /// <summary>Appends an event and its time in nanoseconds, 0 if it has none.</summary>
    internal void Add(in PageEvent item, ulong time)
    {
        if (_used == ChunkEvents)
        {
            PooledArray<PageEvent> chunk = new(ChunkEvents);
            _chunks.Add(chunk);
            _last = chunk.Array;
            PooledArray<ulong> times = new(ChunkEvents);
            _times.Add(times);
            _lastTimes = times.Array;
            _used = 0;
        }

        _lastTimes[_used] = time;
        _last[_used++] = item;
    }

    internal ReadOnlySpan<PageEvent> Chunk(int index)
    {
        Span<PageEvent> chunk = _chunks[index].Span;
        return index == _chunks.Count - 1 ? chunk[.._used] : chunk;
    }

    /// <summary>The times of a chunk's events.</summary>
    internal ReadOnlySpan<ulong> Times(int index) => _times[index].Span[..Chunk(index).Length];

    public void Dispose()
    {
        foreach (PooledArray<ulong> times in _times)
        {
            times.Dispose();
        }

        foreach (PooledArray<PageEvent> chunk in _chunks)
        {
            chunk.Dispose();
        }
    }
}
