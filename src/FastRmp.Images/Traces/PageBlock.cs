using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>A block of a trace's lines, and what was read in them without knowing the lines before. Used again and again.</summary>
/// <param name="blockBytes">Bytes of the text; more if a line has more.</param>
internal sealed class PageBlock(int blockBytes) : IDisposable
{
    private const int LeastLine = 64; // an event's text is hardly ever shorter

    private PooledArray<PageEvent> _events = new((blockBytes / LeastLine) + 1);
    private PooledArray<ulong> _times = new((blockBytes / LeastLine) + 1);

    /// <summary>The text.</summary>
    internal LineBlock Text { get; } = new(blockBytes);

    /// <summary>Which block it is of the trace, from 0.</summary>
    internal long Number { get; set; }

    /// <summary>Who read it: its events have his numbers of tasks.</summary>
    internal PageBlockParser? Parser { get; set; }

    /// <summary>How many lines there are.</summary>
    internal int Lines { get; set; }

    /// <summary>How many events were read.</summary>
    internal int Count { get; private set; }

    /// <summary>Lines that are to be read in their turn.</summary>
    internal List<Left> LeftLines { get; } = [];

    /// <summary>Tasks that the parser met for the first time.</summary>
    internal List<byte[]> NewTasks { get; } = [];

    /// <summary>Lines that are only counted, by the event's name.</summary>
    internal long[] Passed { get; } = new long[PageEventNames.Count];

    internal ReadOnlySpan<PageEvent> Events => _events.Span[..Count];

    internal ReadOnlySpan<ulong> Times => _times.Span[..Count];

    /// <summary>Forgets what was read.</summary>
    internal void Clear()
    {
        Count = 0;
        Lines = 0;
        LeftLines.Clear();
        NewTasks.Clear();
        Array.Clear(Passed);
    }

    /// <summary>Appends an event.</summary>
    internal void Add(in PageEvent one, ulong time)
    {
        if (Count == _events.Length)
        {
            Grow(ref _events);
            Grow(ref _times);
        }

        _times.Array[Count] = time;
        _events.Array[Count++] = one;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Text.Dispose();
        _events.Dispose();
        _times.Dispose();
    }

    private static void Grow<T>(ref PooledArray<T> array)
        where T : unmanaged
    {
        PooledArray<T> larger = new(array.Length * 2);
        array.Span.CopyTo(larger.Span);
        array.Dispose();
        array = larger;
    }

    /// <summary>A line that is left.</summary>
    /// <param name="Start">Where its bytes begin.</param>
    /// <param name="Length">How many they are, without the end of the line.</param>
    /// <param name="Line">Which line of the block it is, from 1.</param>
    /// <param name="Events">How many events were read before it.</param>
    internal readonly record struct Left(int Start, int Length, int Line, int Events);
}
