using System;
using System.IO;
using FastRmp.Images.Text;

namespace FastRmp.Images.Traces;

/// <summary>Reads the lines of a trace into a <see cref="PageTrace"/>.</summary>
internal static class PageTraceReader
{
    internal static PageTrace Read(InputStream stream, Action<long>? progress)
    {
        using TaskTable tasks = new();
        PageEventStore events = new();
        PageTrace trace = new(stream.Name, events, tasks.Names);
        using LineReader lines = new(stream, leaveOpen: true);
        try
        {
            ReadLines(stream, lines, trace, tasks, events, progress);
        }
        catch (MalformedInputException cut)
        {
            trace.Problems.Add(cut.Problem ?? InputProblem.InFile(stream.Name, cut.Message));
        }
        catch (IOException failure)
        {
            trace.Problems.Add(InputProblem.AtLine(stream.Name, lines.LineNumber + 1, $"cannot be read: {failure.Message}"));
        }

        trace.LineCount = lines.LineNumber;
        if (trace.EventCount == 0 && trace.Problems.Count == 0)
        {
            string reason = lines.BytesRead == 0 ? "the file is empty" : "the trace has neither an mm_page_alloc nor an mm_page_free event";
            trace.Problems.Add(InputProblem.InFile(stream.Name, reason));
        }

        return trace;
    }

    private static void ReadLines(InputStream stream, LineReader lines, PageTrace trace, TaskTable tasks, PageEventStore events, Action<long>? progress)
    {
        long reported = 0;
        PageLine parsed = default;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.BytesRead != reported)
            {
                reported = lines.BytesRead;
                progress?.Invoke(stream.BytesConsumed);
            }

            PageLineStatus status = lines.IsTooLong ? PageLineStatus.Other : PageLineParser.Parse(line, ref parsed);
            if (status == PageLineStatus.Event)
            {
                events.Add(new PageEvent(parsed.Kind, parsed.Frame, parsed.Order, tasks.GetOrAdd(parsed.Task), parsed.IsMovable));
                Count(trace, parsed);
            }
            else if (status == PageLineStatus.Lost)
            {
                trace.LostNotes++;
                trace.LostEvents += parsed.Lost;
            }
            else if (status != PageLineStatus.Other || lines.IsTooLong)
            {
                trace.Problems.AddLine(stream.Name, lines.LineNumber, Reason(status));
            }
        }

        progress?.Invoke(stream.BytesConsumed);
    }

    private static void Count(PageTrace trace, in PageLine line)
    {
        if (line.Kind == PageEventKind.Allocation)
        {
            trace.AllocationCount++;
        }
        else
        {
            trace.ReleaseCount++;
        }

        if (line.Frame != ulong.MaxValue) trace.HighestFrame = Math.Max(trace.HighestFrame, line.Frame + (1UL << line.Order) - 1);
    }

    private static string Reason(PageLineStatus status) => status switch
    {
        PageLineStatus.BadHeader => "names a page event, and what stands before it is not TASK-PID [CPU] FLAGS TIMESTAMP",
        PageLineStatus.BadFrame => "a page event without a page frame number (pfn=)",
        PageLineStatus.BadOrder => "a page event without an order (order=)",
        PageLineStatus.BadMigrateType => "an allocation without a migrate type (migratetype=)",
        PageLineStatus.OrderTooHigh => "a page event of an order above 18, 1 GiB, which no page allocator hands out",
        PageLineStatus.BlockTooHigh => "a page event whose block passes the end of the 52-bit physical address space",
        _ => "is too long for a line of a trace",
    };
}
