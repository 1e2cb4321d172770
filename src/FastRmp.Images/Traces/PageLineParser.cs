using System;

namespace FastRmp.Images;

/// <summary>Parses one line of a trace: which event, whose, and what it says. No allocation.</summary>
/// <remarks>
/// The forms: ftrace's text with whatever columns its kernel prints, and in latency format; comments of the function_graph tracer;
/// <c>trace-cmd report</c>;
/// <c>perf script</c>; and an event without anything before it.
/// </remarks>
internal static class PageLineParser
{
    private const byte Space = (byte)' ';

    internal static PageLineStatus Parse(ReadOnlySpan<byte> line, scoped ref PageLine result)
    {
        if (line.IsEmpty || line[0] == '#') return PageLineStatus.Other;
        int common = line.IndexOf(PageEventNames.Common);
        if (common < 0) return LostEvents.TryParse(line, out result.Lost) ? PageLineStatus.Lost : PageLineStatus.Other;
        if (!TryFindName(line, common, out int at, out int fields, out int name)) return Unnamed(line, out result.Lost);

        result.Name = name;
        if (name >= PageEventNames.Ordinary && IsOnlyCounted(name, result.PassesLists) && at >= 2 && line[..at].IndexOf(": "u8) == at - 2)
        {
            return PageLineStatus.Passed; // the first colon is right before the name in all but unusual lines
        }

        // A task's name or another event's text may contain all of this: the first header of the line is the header.
        result.HasTask = true;
        result.Processor = PageLine.NoProcessor;
        if (!TryHeader(line, at, out ReadOnlySpan<byte> task) || task.IndexOf(": "u8) >= 0)
        {
            PageLineStatus status = FindHeader(line, ref at, ref fields, ref name, out task, ref result);
            if (status != PageLineStatus.Event) return status;
        }

        result.Task = task;
        result.Name = name;
        if (name >= PageEventNames.Ordinary && IsOnlyCounted(name, result.PassesLists)) return PageLineStatus.Passed;
        result.Kind = name == PageEventNames.Allocation ? PageEventKind.Allocation : PageEventKind.Release;
        return PageFields.Parse(fields < line.Length ? line[(fields + 1)..] : default, ref result);
    }

    private static bool IsOnlyCounted(int name, bool passesLists)
    {
        PageEventUse use = PageEventNames.Use(name);
        return use == PageEventUse.None || (use == PageEventUse.ReleaseAgain && passesLists);
    }

    /// <summary>The name of any event, its group included.</summary>
    internal static bool TryEventName(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name)
    {
        name = default;
        for (int position = 0; ;)
        {
            int colon = line[position..].IndexOf(": "u8);
            if (colon < 0) return false;
            position += colon + 2;
            if (!TraceHeader.TryParse(line[..position], out _) && !PerfHeader.TryParse(line[..position], out _)) continue;
            ReadOnlySpan<byte> rest = line[position..].TrimStart(Space);
            int end = rest.IndexOf(": "u8);
            if (end < 0) return false;
            name = rest[..end];
            return !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');
        }
    }

    /// <summary>The first place, from a position on, where one of the names stands alone and is followed by a colon or the end of the
    /// line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="common">Where the first candidate is.</param>
    /// <param name="at">Where the name begins, its group included.</param>
    /// <param name="fields">Where it ends.</param>
    /// <param name="name">Which it is.</param>
    private static bool TryFindName(ReadOnlySpan<byte> line, int common, out int at, out int fields, out int name)
    {
        while (true)
        {
            at = common;
            name = MatchName(line[common..], out int length);
            fields = common + length;
            if (name >= 0 && StandsAlone(line, ref at)) return true;
            int next = line[(common + 1)..].IndexOf(PageEventNames.Common);
            if (next < 0) return false;
            common += next + 1;
        }
    }

    private static int MatchName(ReadOnlySpan<byte> text, out int length)
    {
        int name = PageEventNames.Match(text, out length);
        if (name < 0) return name;
        ReadOnlySpan<byte> rest = text[length..];
        return rest.IsEmpty || rest[0] == ':' || !rest.ContainsAnyExcept(Space) ? name : PageEventNames.Unknown;
    }

    private static bool StandsAlone(ReadOnlySpan<byte> line, scoped ref int at)
    {
        if (at == 0 || line[at - 1] == Space) return true;
        if (!line[..at].EndsWith(PageEventNames.Group)) return false;
        at -= PageEventNames.Group.Length;
        return at == 0 || line[at - 1] == Space;
    }

    private static bool TryHeader(ReadOnlySpan<byte> line, int at, out ReadOnlySpan<byte> task)
    {
        if (TraceHeader.TryParse(line[..at], out task)) return true;
        return line[at..].StartsWith(PageEventNames.Group) && PerfHeader.TryParse(line[..at], out task);
    }

    // The slow path, for unusual lines: the first header from the left decides which event the line is.
    private static PageLineStatus FindHeader(
        ReadOnlySpan<byte> line, scoped ref int at, scoped ref int fields, scoped ref int name, out ReadOnlySpan<byte> task,
        scoped ref PageLine result)
    {
        task = default;
        ReadOnlySpan<byte> before = line[..at];
        if (!LinePrefixes.WithoutLog(before.TrimStart(Space)).ContainsAnyExcept(Space)
            && PageFields.AreFields(line[Math.Min(fields + 1, line.Length)..]))
        {
            result.HasTask = false;
            return PageLineStatus.Event;
        }

        if (GraphHeader.TryParse(before, out result.Processor, out task))
        {
            result.HasTask = !task.IsEmpty;
            return PageLineStatus.Event;
        }

        result.Processor = PageLine.NoProcessor;
        for (int position = 0; ;)
        {
            int colon = line[position..].IndexOf(": "u8);
            if (colon < 0) return PageLineStatus.BadHeader;
            position += colon + 2;
            int start = line.Length - line[position..].TrimStart(Space).Length;
            if (!TryHeader(line, start, out task)) continue;
            at = start;
            int common = line[at..].StartsWith(PageEventNames.Group) ? at + PageEventNames.Group.Length : at;
            if (!line[common..].StartsWith(PageEventNames.Common)) return PageLineStatus.Other;
            name = MatchName(line[common..], out int length);
            fields = common + length;
            return name >= 0 ? PageLineStatus.Event : PageLineStatus.Other;
        }
    }

    // The name is printed in another format, or is part of another word.
    private static PageLineStatus Unnamed(ReadOnlySpan<byte> line, out ulong lost)
    {
        if (LostEvents.TryParse(line, out lost)) return PageLineStatus.Lost;
        if (line.IndexOf("kmem:mm_page_alloc("u8) >= 0 || line.IndexOf("kmem:mm_page_free("u8) >= 0) return PageLineStatus.PerfTrace;
        bool isBabeltrace = line.IndexOf("kmem_mm_page_alloc: {"u8) >= 0 || line.IndexOf("kmem_mm_page_free: {"u8) >= 0;
        return isBabeltrace ? PageLineStatus.Babeltrace : PageLineStatus.Other;
    }
}
