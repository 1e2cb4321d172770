using System;
using System.Buffers.Text;

namespace FastRmp.Images;

/// <summary>Lines of the function_graph tracer: an event appears in them as a comment, <c> 24) | /* mm_page_alloc: … */</c>.</summary>
/// <remarks>
/// Before the processor there may be a time and a bar, after it the task (option <c>funcgraph-proc</c>: seven letters of the name, a dash,
/// the process id) and the columns of the latency format, each with a bar. Without the task the task switches show which task the processor
/// runs: <c> 24) qemu-sy-2213 =&gt; kworker-12 </c>.
/// </remarks>
internal static class GraphHeader
{
    private const byte Space = (byte)' ';
    private const byte Bar = (byte)'|';
    private const int HighestProcessor = 8191;

    /// <summary>Reads the text before an event's name.</summary>
    /// <param name="header">The line up to the event's name.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="task">The task's name; empty if the line has none.</param>
    internal static bool TryParse(ReadOnlySpan<byte> header, out int processor, out ReadOnlySpan<byte> task)
    {
        task = default;
        processor = PageLine.NoProcessor;
        ReadOnlySpan<byte> rest = header.TrimEnd(Space);
        if (!rest.EndsWith("/*"u8)) return false;
        rest = rest[..^2].TrimEnd(Space);
        if (rest is not [.., Bar]) return false;
        rest = WithoutTime(rest);
        if (!TryTakeProcessor(ref rest, out processor)) return false;

        // The last column is the duration, empty here; a task can only be before it.
        int bar = rest.IndexOf(Bar);
        if (bar >= 0 && bar < rest.Length - 1 && HeaderColumns.TryTask(rest[..bar].Trim(Space), out ReadOnlySpan<byte> name)) task = name;
        return true;
    }

    /// <summary>Reads a task switch.</summary>
    /// <param name="line">The line.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="task">The name of the task that comes.</param>
    internal static bool TryParseSwitch(ReadOnlySpan<byte> line, out int processor, out ReadOnlySpan<byte> task)
    {
        task = default;
        processor = PageLine.NoProcessor;
        int arrow = line.IndexOf("=>"u8);
        if (arrow < 0) return false;
        ReadOnlySpan<byte> rest = WithoutTime(line);
        if (!TryTakeProcessor(ref rest, out processor)) return false;
        arrow = rest.IndexOf("=>"u8);
        return arrow >= 0 && HeaderColumns.TryTask(rest[..arrow].Trim(Space), out _)
            && HeaderColumns.TryTask(rest[(arrow + 2)..].Trim(Space), out task);
    }

    // Option funcgraph-abstime: seconds and a bar.
    private static ReadOnlySpan<byte> WithoutTime(ReadOnlySpan<byte> line)
    {
        int bar = line.IndexOf(Bar);
        return bar >= 0 && HeaderColumns.IsTimestamp(line[..bar].Trim(Space)) ? line[(bar + 1)..] : line;
    }

    private static bool TryTakeProcessor(ref ReadOnlySpan<byte> rest, out int processor)
    {
        rest = rest.TrimStart(Space);
        if (!Utf8Parser.TryParse(rest, out processor, out int digits) || (uint)processor > HighestProcessor) return false;
        if (digits >= rest.Length || rest[digits] != ')') return false;
        rest = rest[(digits + 1)..];
        return true;
    }
}
