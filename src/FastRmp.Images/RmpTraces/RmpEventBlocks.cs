using System;

namespace FastRmp.Images;

/// <summary>The events of an RMP trace in file order, as spans: <c>foreach</c> over this, then over each span.</summary>
internal ref struct RmpEventBlocks
{
    private readonly RmpEventStore _store;
    private readonly RmpRecord[] _events = [];
    private int _index;
    private int _length;

    internal RmpEventBlocks(RmpEventStore store)
        : this(store, isStarted: false)
    {
    }

    private RmpEventBlocks(RmpEventStore store, bool isStarted)
    {
        _store = store;
        if (isStarted) _events = new RmpRecord[Math.Min(store.Count, RmpEventStore.ChunkEvents)];
    }

    /// <summary>The events of the present block, never empty; valid until the next call of <see cref="MoveNext"/>.</summary>
    public readonly ReadOnlySpan<RmpRecord> Current => _events.AsSpan(0, _length);

    /// <summary>Goes to the next block.</summary>
    /// <returns>False after the last one.</returns>
    public bool MoveNext()
    {
        if (_index >= _store.ChunkCount) return false;
        _length = _store.Unpack(_index++, _events);
        return true;
    }

    /// <summary>Its enumerator.</summary>
    public readonly RmpEventBlocks GetEnumerator() => new(_store, isStarted: true);
}
