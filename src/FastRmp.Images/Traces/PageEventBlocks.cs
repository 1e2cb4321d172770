using System;

namespace FastRmp.Images;

/// <summary>The events of a trace in file order, as spans: <c>foreach</c> over this, then over each span.</summary>
public ref struct PageEventBlocks
{
    private readonly PageEventStore _store;
    private int _index;

    internal PageEventBlocks(PageEventStore store)
    {
        _store = store;
        _index = -1;
    }

    /// <summary>The events of the present block, never empty.</summary>
    public readonly ReadOnlySpan<PageEvent> Current => _store.Chunk(_index);

    /// <summary>The times of the present block's events in nanoseconds; 0 where the line has none.</summary>
    internal readonly ReadOnlySpan<ulong> Times => _store.Times(_index);

    /// <summary>Goes to the next block.</summary>
    /// <returns>False after the last one.</returns>
    public bool MoveNext() => ++_index < _store.ChunkCount;

    /// <summary>Itself, for <c>foreach</c>.</summary>
    /// <returns>The blocks from the start.</returns>
    public readonly PageEventBlocks GetEnumerator() => new(_store);
}
