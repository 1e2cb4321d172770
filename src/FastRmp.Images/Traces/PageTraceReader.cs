using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Images;

/// <summary>Reads the lines of a trace into a <see cref="PageTrace"/>.</summary>
internal sealed class PageTraceReader
{
    private readonly TraceInputs _lines;
    private readonly PageTrace _trace;
    private readonly TaskTable _tasks;
    private readonly PageEventStore _events;
    private readonly GraphTasks _graph = new();
    private readonly CommonLines _common = new();
    private readonly OtherEvents _others = new();
    private readonly long[] _counts = new long[PageEventNames.Count];
    private byte[] _spaced = [];
    private bool _hasReleases;

    private PageTraceReader(TraceInputs lines, PageTrace trace, TaskTable tasks, PageEventStore events)
    {
        _lines = lines;
        _trace = trace;
        _tasks = tasks;
        _events = events;
    }

    internal static PageTrace Read(IReadOnlyList<InputStream> streams, Action<long>? progress)
    {
        using TraceInputs lines = new(streams);
        TaskTable tasks = new();
        PageEventStore events = new();
        PageTrace trace = new(lines.Name, events, tasks.Names);
        PageTraceReader reader = new(lines, trace, tasks, events);
        while (!reader.TryReadAll(progress))
        {
            // One of several files ended with a problem; the others go on.
        }

        reader.Finish();
        return trace;
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>False if a file could not be read on.</returns>
    private bool TryReadAll(Action<long>? progress)
    {
        try
        {
            ReadLines(progress);
            return true;
        }
        catch (MalformedInputException cut)
        {
            _trace.Problems.Add(cut.Problem ?? InputProblem.InFile(_lines.CurrentName, cut.Message));
        }
        catch (IOException failure)
        {
            _trace.Problems.Add(
                InputProblem.AtLine(_lines.CurrentName, _lines.LineNumber + 1, $"cannot be read: {failure.Message}"));
        }

        return false;
    }

    private void ReadLines(Action<long>? progress)
    {
        long reported = 0;
        PageLine parsed = default;
        while (_lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (_lines.BytesRead != reported)
            {
                reported = _lines.BytesRead;
                progress?.Invoke(_lines.BytesConsumed);
            }

            if (_lines.LineNumber == 1 && FileKinds.Describe(line) is { } kind)
            {
                _trace.Problems.Add(InputProblem.InFile(_lines.CurrentName, $"is {kind}"));
                return;
            }

            int task = 0;
            ulong time = 0;
            PageLineStatus common = _lines.LineNumber == 1 || _lines.IsTooLong
                ? PageLineStatus.Other
                : _common.Parse(line, ref parsed, out task, out time);
            if (common == PageLineStatus.Event)
            {
                Take(parsed, task, time);
                parsed.PassesLists = _hasReleases;
                continue;
            }

            if (common == PageLineStatus.Passed)
            {
                _counts[parsed.Name]++;
                continue;
            }

            line = LinePrefixes.Unquoted(line, _lines.LineNumber);
            PageLineStatus status = _lines.IsTooLong ? PageLineStatus.Other : PageLineParser.Parse(line, ref parsed);
            if (status is not (PageLineStatus.Event or PageLineStatus.Passed) && HasTabbedEvent(line))
            {
                status = PageLineParser.Parse(Spaced(line), ref parsed);
            }

            if (status == PageLineStatus.Other && IsHeaderAlone(line)) status = PageLineStatus.Wrapped;
            switch (status)
            {
                case PageLineStatus.Event:
                    _ = LineTime.TryParse(line, out time);
                    task = _graph.TaskOf(parsed, _tasks);
                    _common.Learn(line, parsed, task);
                    Take(parsed, task, time);
                    parsed.PassesLists = _hasReleases;
                    break;
                case PageLineStatus.Passed:
                    _counts[parsed.Name]++;
                    break;
                case PageLineStatus.Lost:
                    _trace.LostNotes++;
                    _trace.LostEvents += parsed.Lost;
                    break;
                case PageLineStatus.Other when !_lines.IsTooLong:
                    if (_graph.IsGraph || line is [(byte)'#', ..]) _graph.Take(line, _tasks);
                    if (!_hasReleases) _others.Take(line);
                    break;
                default:
                    _trace.Problems.AddLine(_lines.CurrentName, _lines.LineNumber, Reason(status));
                    break;
            }
        }

        progress?.Invoke(_lines.BytesConsumed);
    }

    // Tables that were pasted through other programs may have tabs between their columns. The common line has none of this.
    private bool HasTabbedEvent(ReadOnlySpan<byte> line) =>
        !_lines.IsTooLong && line.Contains((byte)'\t') && line.IndexOf(PageEventNames.Common) >= 0;

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
            _hasReleases = _hasReleases || PageEventNames.Use(line.Name) == PageEventUse.Release;
            _trace.ReleaseCount++;
        }

        if (!line.HasTask) _trace.WithoutTaskCount++;
        _events.Add(new PageEvent(line.Kind, line.Frame, line.Order, task, line.IsMovable), time);
        if (line.Frame != ulong.MaxValue) _trace.HighestFrame = Math.Max(_trace.HighestFrame, line.Frame + (1UL << line.Order) - 1);
    }

    private void Finish()
    {
        _trace.LineCount = _lines.LineCount;
        foreach (string name in _lines.Timeless)
        {
            _trace.Problems.Add(InputProblem.InFile(name, "has no time in any line, by which several files are put together"));
        }

        for (int name = 0; name < _counts.Length; name++)
        {
            if (_counts[name] != 0)
            {
                _trace.Names.Add(new PageEventCount(PageEventNames.Name(name), PageEventNames.Use(name), _counts[name]));
            }
        }

        if (_trace.ReleaseCount == 0) _trace.Others.AddRange(_others.Counts);
        if (_trace.EventCount != 0 || _trace.Problems.Count != 0) return;
        List<string> found = [];
        foreach (PageEventCount one in (List<PageEventCount>)[.. _trace.Names, .. _trace.Others])
        {
            found.Add($"{one.Count} {one.Name}");
        }

        string reason = _lines.BytesRead == 0 ? "the file is empty"
            : found.Count == 0 ? "the trace has neither an mm_page_alloc nor an mm_page_free event"
            : $"the trace has neither an mm_page_alloc nor an mm_page_free event; what it has is {string.Join(", ", found)}";
        _trace.Problems.Add(InputProblem.InFile(_lines.Name, reason));
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
