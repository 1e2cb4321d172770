using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Events in pooled chunks: appending never moves what is there.</summary>
internal sealed class PageEventStore : IDisposable
{
    /// <summary>Events a chunk: 1 MiB.</summary>
    internal const int ChunkEvents = 64 * 1024;

    private readonly List<PooledArray<PageEvent>> _chunks = [];
    private PageEvent[] _last = [];
    private int _used = ChunkEvents;

    internal int ChunkCount => _chunks.Count;

    internal void Add(in PageEvent item)
    {
        if (_used == ChunkEvents)
        {
            PooledArray<PageEvent> chunk = new(ChunkEvents);
            _chunks.Add(chunk);
            _last = chunk.Array;
            _used = 0;
        }

        _last[_used++] = item;
    }

    internal ReadOnlySpan<PageEvent> Chunk(int index)
    {
        Span<PageEvent> chunk = _chunks[index].Span;
        return index == _chunks.Count - 1 ? chunk[.._used] : chunk;
    }

    public void Dispose()
    {
        foreach (PooledArray<PageEvent> chunk in _chunks)
        {
            chunk.Dispose();
        }
    }
}
