using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The page allocations and releases of a trace's text (<c>kmem:mm_page_alloc</c>, <c>kmem:mm_page_free</c>, and the names that
/// older kernels have for them), 16 bytes an event.</summary>
/// <remarks>
/// <para>What ftrace prints, in any columns and in the latency format; its function_graph tracer with events as comments; <c>trace-cmd
/// report</c>; <c>perf script</c>.</para>
/// <para>Whatever is wrong with the text is in <see cref="Problems"/>, and what could be read is here all the same.</para>
/// <para>Immutable once read; any threads may read. Dispose it when no span of events is used any more.</para>
/// </remarks>
public sealed class PageTrace : IDisposable
{
    private readonly PageEventStore _events;
    private readonly List<string> _tasks;

    internal PageTrace(string name, PageEventStore events, List<string> tasks)
    {
        Name = name;
        _events = events;
        _tasks = tasks;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>How many lines are allocations that parse, those that failed included.</summary>
    public long AllocationCount { get; internal set; }

    /// <summary>How many of the allocations failed: no page was allocated.</summary>
    public long FailedAllocationCount { get; internal set; }

    /// <summary>How many lines are releases that parse. Pages that a list names once more (<see cref="PageEventUse.ReleaseAgain"/>) count
    /// only up to the first release of another kind.</summary>
    public long ReleaseCount { get; internal set; }

    /// <summary>How many events name no task: they belong to <see cref="UnknownTask"/>, or to the task that the function_graph tracer last
    /// saw on their processor.</summary>
    public long WithoutTaskCount { get; internal set; }

    /// <summary>How many events there are.</summary>
    public long EventCount => AllocationCount + ReleaseCount;

    /// <summary>How many lines the text has.</summary>
    public long LineCount { get; internal set; }

    /// <summary>How many events the kernel says it lost, as far as it knew the number.</summary>
    public ulong LostEvents { get; internal set; }

    /// <summary>How many times the kernel says that it lost events, with or without a number: a warning if not 0.</summary>
    public long LostNotes { get; internal set; }

    /// <summary>Number of the highest 4 KiB page of any block; 0 if there is none.</summary>
    public ulong HighestFrame { get; internal set; }

    /// <summary>The events of the page allocator by name, those that are there; first allocations, then releases, then the rest.</summary>
    public ReadOnlySpan<PageEventCount> EventNames => CollectionsMarshal.AsSpan(Names);

    /// <summary>If the trace has no release: other events that have a page frame number, the first eight names. One of them may be what the
    /// trace has instead.</summary>
    public ReadOnlySpan<PageEventCount> OtherEventNames => CollectionsMarshal.AsSpan(Others);

    /// <summary>The names of tasks, without process ids, in order of first appearance.</summary>
    public ReadOnlySpan<string> Tasks => CollectionsMarshal.AsSpan(_tasks);

    /// <summary>The events in file order.</summary>
    public PageEventBlocks Blocks => new(_events);

    /// <summary>The name of tasks whose name the trace does not know, as the kernel itself writes it.</summary>
    internal static ReadOnlySpan<byte> UnknownTask => "<...>"u8;

    internal List<PageEventCount> Names { get; } = [];

    internal List<PageEventCount> Others { get; } = [];

    /// <summary>What is wrong with the text: lines that name an event and do not parse, a cut file, a trace without one event.</summary>
    public InputProblems Problems { get; } = new();

    /// <summary>Opens a trace.</summary>
    /// <param name="path">The file: plain, gzip, or a pipe.</param>
    /// <param name="progress">Called now and then with the bytes of the file consumed so far, before decompression.</param>
    /// <returns>The trace; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    public static PageTrace Open(string path, Action<long>? progress = null)
    {
        using InputStream stream = InputStream.Open(path);
        return PageTraceReader.Read([stream], progress);
    }

    /// <summary>Opens a trace that is in several files, such as one for each processor, and puts their events into the order of their
    /// times.</summary>
    /// <param name="paths">The files, at least one: plain, gzip, or pipes. Each is in the order of its times.</param>
    /// <param name="progress">Called now and then with the bytes of all files consumed so far, before decompression.</param>
    /// <returns>The trace; dispose it.</returns>
    /// <exception cref="ArgumentException">There is no path.</exception>
    /// <exception cref="IOException">A file is missing, unreadable or a directory.</exception>
    public static PageTrace Open(IReadOnlyList<string> paths, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new ArgumentException("There is no path.", nameof(paths));
        List<InputStream> streams = [];
        try
        {
            foreach (string path in paths)
            {
                streams.Add(InputStream.Open(path));
            }

            return PageTraceReader.Read(streams, progress);
        }
        finally
        {
            streams.ForEach(static stream => stream.Dispose());
        }
    }

    /// <summary>Reads a trace.</summary>
    /// <param name="stream">The text, plain or gzip; stays open.</param>
    /// <param name="name">The input's name for messages.</param>
    /// <param name="progress">Called now and then with the bytes of the stream consumed so far, before decompression.</param>
    /// <returns>The trace; dispose it.</returns>
    /// <exception cref="IOException">The first bytes of the stream cannot be read.</exception>
    public static PageTrace Read(Stream stream, string name, Action<long>? progress = null)
    {
        using InputStream input = new(stream, name, leaveOpen: true);
        return PageTraceReader.Read([input], progress);
    }

    /// <summary>Reads a trace.</summary>
    /// <param name="streams">The texts, at least one; they stay open.</param>
    /// <param name="progress">Called now and then with the bytes of the files consumed so far, before decompression.</param>
    /// <returns>The trace; dispose it.</returns>
    internal static PageTrace Read(IReadOnlyList<InputStream> streams, Action<long>? progress = null) =>
        PageTraceReader.Read(streams, progress);

    /// <summary>Gives the events' memory back.</summary>
    public void Dispose() => _events.Dispose();
}
