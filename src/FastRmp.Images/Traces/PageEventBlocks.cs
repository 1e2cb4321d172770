using System;

namespace FastRmp.Images;

/// <summary>The events of a trace in file order, as spans: <c>foreach</c> over this, then over each span.</summary>
public ref struct PageEventBlocks
{
    private readonly PageEventStore _store;
    private PageEvent[] _events;
    private ulong[] _times;
    private int _index;
    private int _length;

    internal PageEventBlocks(PageEventStore store)
    {
        _store = store;
        _events = [];
        _times = [];
        _index = -1;
    }

    /// <summary>The events of the present block, never empty; valid until the next call of <see cref="MoveNext"/>.</summary>
    public readonly ReadOnlySpan<PageEvent> Current => _events.AsSpan(0, _length);

    /// <summary>The times of the present block's events in nanoseconds; 0 where the line has none.</summary>
    internal readonly ReadOnlySpan<ulong> Times => _times.AsSpan(0, _length);

    /// <summary>Goes to the next block.</summary>
    /// <returns>False after the last one.</returns>
    public bool MoveNext()
    {
        if (_index + 1 >= _store.ChunkCount) return false;
        _index++;
        _length = _store.Length(_index);
        if (_events.Length == 0)
        {
            _events = new PageEvent[_length]; // the first is the longest
            _times = new ulong[_length];
        }

        _store.Unpack(_index, _events.AsSpan(0, _length), _times);
        return true;
    }

    /// <summary>Itself, for <c>foreach</c>.</summary>
    /// <returns>The blocks from the start.</returns>
    public readonly PageEventBlocks GetEnumerator() => new(_store);
}
