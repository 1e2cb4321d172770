using System;

namespace FastRmp.Images;

/// <summary>The part of an ftrace line before the event: <c>TASK-PID (TGID) [CPU] flags timestamp: </c>, where the task group and the flags
/// may be missing.</summary>
/// <remarks>
/// <para>In latency format, and where the kernel prints its buffer during a panic, it is <c>TASK-PID CPUflags timeus+: </c>; <c>trace-cmd
/// report -l</c> has that column and a timestamp.</para>
/// <para>A task may be named anything, spaces, brackets and dashes included; all that follows it has a form. So it is read from right to
/// left.</para>
/// </remarks>
internal static class TraceHeader
{
    private const byte Space = (byte)' ';
    private const byte Dash = (byte)'-';

    // Flags after the time of the latency format: how long the time to the next event was.
    private static ReadOnlySpan<byte> DelayFlags => "+!#*@$"u8;

    /// <summary>Reads a header.</summary>
    /// <param name="header">The line up to the event's name.</param>
    /// <param name="task">The task's name without the process id.</param>
    internal static bool TryParse(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> task)
    {
        task = default;
        ReadOnlySpan<byte> rest = header.TrimEnd(Space);
        return rest.Length != header.Length && TryParseBare(rest, out task);
    }

    /// <summary>Reads a header with nothing after its colon.</summary>
    internal static bool TryParseBare(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> task)
    {
        task = default;
        if (rest.IsEmpty || rest[^1] != ':') return false;
        ReadOnlySpan<byte> whole = rest;
        bool isLatency = !HeaderColumns.IsTimestamp(HeaderColumns.Take(ref rest)[..^1]);
        if (isLatency && !TryTakeLatency(whole, out rest)) return false;
        if (rest.IsEmpty) return false;
        bool isJoined = false;
        if (rest[^1] != ']')
        {
            ReadOnlySpan<byte> flags = HeaderColumns.Take(ref rest);
            isJoined = rest is not [.., (byte)']'] && char.IsAsciiDigit((char)flags[0]) && !HeaderColumns.IsDigits(flags);
        }

        if (!isJoined && !HeaderColumns.TryTakeProcessor(ref rest)) return false;
        if (rest is [.., (byte)')'] && !TryTakeTaskGroup(ref rest)) return false;
        if (!HeaderColumns.TryTask(rest, out task)) return false;
        task = LinePrefixes.WithoutLog(task);
        return true;
    }

    // Microseconds, "us", and a mark or a space.
    private static bool TryTakeLatency(ReadOnlySpan<byte> whole, out ReadOnlySpan<byte> rest)
    {
        rest = whole[..^1];
        if (!rest.IsEmpty && DelayFlags.Contains(rest[^1])) rest = rest[..^1];
        rest = rest.TrimEnd(Space);
        if (!rest.EndsWith("us"u8)) return false;
        return HeaderColumns.IsTimestamp(HeaderColumns.Take(ref rest)[..^2]);
    }

    // Digits, or dashes where the kernel did not know the group.
    private static bool TryTakeTaskGroup(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> near = HeaderColumns.Near(rest);
        int open = near.LastIndexOf((byte)'(');
        if (open < 0) return false;
        ReadOnlySpan<byte> group = near[(open + 1)..^1].Trim(Space);
        if (!HeaderColumns.IsDigits(group) && (group.IsEmpty || group.ContainsAnyExcept(Dash))) return false;
        rest = rest[..^(near.Length - open)].TrimEnd(Space);
        return true;
    }
}
