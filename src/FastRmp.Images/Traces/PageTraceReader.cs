using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Reads the lines of a trace into a <see cref="PageTrace"/>.</summary>
internal sealed class PageTraceReader
{
    private readonly PageTrace _trace;
    private readonly TaskTable _tasks;
    private readonly PageEventStore _events;
    private readonly GraphTasks _graph = new();
    private readonly OtherEvents _others = new();
    private readonly long[] _counts = new long[PageEventNames.Count];
    private CommonLines? _common; // of a reader line by line
    private byte[] _spaced = [];
    private bool _hasReleases;

    private PageTraceReader(PageTrace trace, TaskTable tasks, PageEventStore events)
    {
        _trace = trace;
        _tasks = tasks;
        _events = events;
    }

    /// <summary>Whether a release was read: pages of lists, which it has named, are only counted from then on.</summary>
    internal bool HasReleases => Volatile.Read(ref _hasReleases);

    internal static PageTrace Read(IReadOnlyList<InputStream> streams, Action<long>? progress) =>
        streams.Count == 1 ? ReadBlocks(streams[0], progress, PageBlockReader.Threads, LineBlocks.BlockBytes)
            : ReadLines(streams, progress);

    /// <summary>Reads one file.</summary>
    internal static PageTrace ReadBlocks(InputStream stream, Action<long>? progress, int threads, int blockBytes)
    {
        PageTraceReader reader = Create(stream.Name);
        using PageBlockReader blocks = new(reader, stream, threads, blockBytes);
        try
        {
            blocks.Read(progress);
        }
        catch (Exception cut) when (cut is MalformedInputException or IOException)
        {
            reader.Add(cut, stream.Name, blocks.LineNumber);
        }

        return reader.Finish(blocks.LineNumber, blocks.BytesRead);
    }

    /// <summary>Reads files line by line, in the order of their times if there are several.</summary>
    internal static PageTrace ReadLines(IReadOnlyList<InputStream> streams, Action<long>? progress)
    {
        using TraceInputs lines = new(streams);
        PageTraceReader reader = Create(lines.Name);
        reader._common = new CommonLines();
        while (!reader.TryReadAll(lines, progress))
        {
            // One of several files ended with a problem; the others go on.
        }

        foreach (string name in lines.Timeless)
        {
            reader._trace.Problems.Add(InputProblem.InFile(name, "has no time in any line, by which several files are put together"));
        }

        return reader.Finish(lines.LineCount, lines.BytesRead);
    }

    private static PageTraceReader Create(string name)
    {
        TaskTable tasks = new();
        PageEventStore events = new();
        return new PageTraceReader(new PageTrace(name, events, tasks.Names), tasks, events);
    }

    /// <summary>Takes what was read of a block up to a line.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">The first event.</param>
    /// <param name="end">The event after the last one.</param>
    internal void Take(PageBlock block, int first, int end)
    {
        ReadOnlySpan<PageEvent> events = block.Events[first..end];
        ReadOnlySpan<ulong> times = block.Times[first..end];
        PageBlockParser parser = block.Parser!;
        long allocations = 0;
        ulong highest = _trace.HighestFrame;
        for (int i = 0; i < events.Length; i++)
        {
            PageEvent one = events[i];
            if (one.Kind == PageEventKind.Allocation) allocations++;
            if (one.HasBlock) highest = Math.Max(highest, one.Frame + one.Pages - 1);
            else _trace.FailedAllocationCount++;
            _events.Add(one.Of(parser.Number(one.Task, _tasks)), times[i]);
        }

        long releases = events.Length - allocations;
        _trace.HighestFrame = highest;
        _trace.AllocationCount += allocations;
        _trace.ReleaseCount += releases;
        _counts[PageEventNames.Allocation] += allocations;
        _counts[PageEventNames.Release] += releases;
        if (releases != 0) Volatile.Write(ref _hasReleases, true);
    }

    /// <summary>Counts lines that are only counted.</summary>
    /// <param name="passed">How many, by the event's name.</param>
    internal void Count(ReadOnlySpan<long> passed)
    {
        for (int name = 0; name < passed.Length; name++)
        {
            _counts[name] += passed[name];
        }
    }

    /// <summary>Takes a line of any kind.</summary>
    /// <param name="line">Its bytes.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="number">The line's number in it, from 1.</param>
    /// <param name="isTooLong">Whether these are not all of its bytes.</param>
    /// <returns>False if the file is no text.</returns>
    internal bool TryTake(ReadOnlySpan<byte> line, string file, long number, bool isTooLong)
    {
        if (number == 1 && FileKinds.Describe(line) is { } kind)
        {
            _trace.Problems.Add(InputProblem.InFile(file, $"is {kind}"));
            return false;
        }

        PageLine parsed = new() { PassesLists = _hasReleases };
        line = LinePrefixes.Unquoted(line, number);
        PageLineStatus status = isTooLong ? PageLineStatus.Other : PageLineParser.Parse(line, ref parsed);
        if (status is not (PageLineStatus.Event or PageLineStatus.Passed) && HasTabbedEvent(line, isTooLong))
        {
            status = PageLineParser.Parse(Spaced(line), ref parsed);
        }

        if (status == PageLineStatus.Other && IsHeaderAlone(line)) status = PageLineStatus.Wrapped;
        switch (status)
        {
            case PageLineStatus.Event:
                _ = LineTime.TryParse(line, out ulong time);
                int task = _graph.TaskOf(parsed, _tasks);
                _common?.Learn(line, parsed, task);
                Take(parsed, task, time);
                break;
            case PageLineStatus.Passed:
                _counts[parsed.Name]++;
                break;
            case PageLineStatus.Lost:
                _trace.LostNotes++;
                _trace.LostEvents += parsed.Lost;
                break;
            case PageLineStatus.Other when !isTooLong:
                if (_graph.IsGraph || line is [(byte)'#', ..]) _graph.Take(line, _tasks);
                if (!_hasReleases) _others.Take(line);
                break;
            default:
                _trace.Problems.AddLine(file, number, Reason(status));
                break;
        }

        return true;
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>False if a file could not be read on.</returns>
    private bool TryReadAll(TraceInputs lines, Action<long>? progress)
    {
        try
        {
            ReadAll(lines, progress);
            return true;
        }
        catch (Exception cut) when (cut is MalformedInputException or IOException)
        {
            Add(cut, lines.CurrentName, lines.LineNumber);
            return false;
        }
    }

    private void Add(Exception cut, string file, long line) => _trace.Problems.Add(
        cut is MalformedInputException malformed ? malformed.Problem ?? InputProblem.InFile(file, cut.Message)
            : InputProblem.AtLine(file, line + 1, $"cannot be read: {cut.Message}"));

    private void ReadAll(TraceInputs lines, Action<long>? progress)
    {
        long reported = 0;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.BytesRead != reported)
            {
                reported = lines.BytesRead;
                progress?.Invoke(lines.BytesConsumed);
            }

            if (!TryTakeCommon(lines, line) && !TryTake(line, lines.CurrentName, lines.LineNumber, lines.IsTooLong)) return;
        }

        progress?.Invoke(lines.BytesConsumed);
    }

    private bool TryTakeCommon(TraceInputs lines, ReadOnlySpan<byte> line)
    {
        if (lines.LineNumber == 1 || lines.IsTooLong) return false;
        PageLine parsed = new() { PassesLists = _hasReleases };
        PageLineStatus status = _common!.Parse(line, ref parsed, out int task, out ulong time);
        if (status == PageLineStatus.Event) Take(parsed, task, time);
        else if (status == PageLineStatus.Passed) _counts[parsed.Name]++;
        else return false;
        return true;
    }

    // Tables that were pasted through other programs may have tabs between their columns. The common line has none of this.
    private static bool HasTabbedEvent(ReadOnlySpan<byte> line, bool isTooLong) =>
        !isTooLong && line.Contains((byte)'\t') && line.IndexOf(PageEventNames.Common) >= 0;

    private ReadOnlySpan<byte> Spaced(ReadOnlySpan<byte> line)
    {
        if (line.Length > _spaced.Length) _spaced = new byte[Math.Max(256, line.Length)];
        Span<byte> copy = _spaced.AsSpan(0, line.Length);
        line.CopyTo(copy);
        copy.Replace((byte)'\t', (byte)' ');
        return copy;
    }

    // A mail program wraps long lines: the event is then in the next one, without its task.
    private static bool IsHeaderAlone(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line.TrimEnd((byte)' ');
        return rest is [.., (byte)':'] && TraceHeader.TryParseBare(rest, out _);
    }

    private void Take(in PageLine line, int task, ulong time)
    {
        _counts[line.Name]++;
        if (line.Kind == PageEventKind.Allocation)
        {
            _trace.AllocationCount++;
            if (line.Frame == ulong.MaxValue) _trace.FailedAllocationCount++;
        }
        else
        {
            // In addition to the release of each page, a list of pages names its pages once more.
            if (!_hasReleases && PageEventNames.Use(line.Name) == PageEventUse.Release) Volatile.Write(ref _hasReleases, true);
            _trace.ReleaseCount++;
        }

        if (!line.HasTask) _trace.WithoutTaskCount++;
        _events.Add(new PageEvent(line.Kind, line.Frame, line.Order, task, line.IsMovable), time);
        if (line.Frame != ulong.MaxValue) _trace.HighestFrame = Math.Max(_trace.HighestFrame, line.Frame + (1UL << line.Order) - 1);
    }

    private PageTrace Finish(long lineCount, long bytesRead)
    {
        _trace.LineCount = lineCount;
        for (int name = 0; name < _counts.Length; name++)
        {
            if (_counts[name] != 0)
            {
                _trace.Names.Add(new PageEventCount(PageEventNames.Name(name), PageEventNames.Use(name), _counts[name]));
            }
        }

        if (_trace.ReleaseCount == 0) _trace.Others.AddRange(_others.Counts);
        if (_trace.EventCount != 0 || _trace.Problems.Count != 0) return _trace;
        List<string> found = [];
        foreach (PageEventCount one in (List<PageEventCount>)[.. _trace.Names, .. _trace.Others])
        {
            found.Add($"{one.Count} {one.Name}");
        }

        string reason = bytesRead == 0 ? "the file is empty"
            : found.Count == 0 ? "the trace has neither an mm_page_alloc nor an mm_page_free event"
            : $"the trace has neither an mm_page_alloc nor an mm_page_free event; what it has is {string.Join(", ", found)}";
        _trace.Problems.Add(InputProblem.InFile(_trace.Name, reason));
        return _trace;
    }

    private static string Reason(PageLineStatus status) => status switch
    {
        PageLineStatus.BadHeader =>
            "names a page event, and the text before it is neither TASK-PID [CPU] FLAGS TIMESTAMP (ftrace), nor COMM PID [CPU] TIME (perf script), nor a line of the function_graph tracer",
        PageLineStatus.BadFrame => "a page event without a page frame number (pfn=)",
        PageLineStatus.BadOrder => "a page event without an order (order=)",
        PageLineStatus.BadMigrateType => "an allocation without a migrate type (migratetype=)",
        PageLineStatus.OrderTooHigh => "a page event of an order above 18, 1 GiB, which no page allocator hands out",
        PageLineStatus.BlockTooHigh => "a page event whose block passes the end of the 52-bit physical address space",
        PageLineStatus.Wrapped =>
            "ends after its header (TASK-PID [CPU] TIMESTAMP:): the line was wrapped, and its event is in the next one",
        PageLineStatus.PerfTrace =>
            "an event as 'perf trace' prints it: record with 'perf record -a -e kmem:mm_page_alloc -e kmem:mm_page_free' and give what 'perf script' prints",
        PageLineStatus.Babeltrace => "an event of LTTng as babeltrace prints it: record with ftrace or perf",
        _ => "is too long for a line of a trace",
    };
}
