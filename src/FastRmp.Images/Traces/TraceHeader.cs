using System;

namespace FastRmp.Images.Traces;

/// <summary>The part of an ftrace line before the event: <c>TASK-PID (TGID) [CPU] flags timestamp: </c>, where the task group and the flags may be missing.</summary>
/// <remarks>A task may be named anything, spaces, brackets and dashes included; all that follows it has a form. So it is read from right to left.</remarks>
internal static class TraceHeader
{
    // Longer columns than any kernel prints end the search, so that a hostile line costs no more than its length.
    private const int LongestColumn = 40;
    private const byte Space = (byte)' ';
    private const byte Dash = (byte)'-';

    /// <summary>Reads a header.</summary>
    /// <param name="header">The line up to the event's name.</param>
    /// <param name="task">The task's name without the process id.</param>
    internal static bool TryParse(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> task)
    {
        task = default;
        ReadOnlySpan<byte> rest = header.TrimEnd(Space);
        if (rest.Length == header.Length || rest.IsEmpty || rest[^1] != ':') return false;
        if (!IsTimestamp(TakeColumn(ref rest)[..^1])) return false;
        if (rest.IsEmpty) return false;
        if (rest[^1] != ']') _ = TakeColumn(ref rest);
        if (!TryTakeProcessor(ref rest)) return false;
        if (rest is [.., (byte)')'] && !TryTakeTaskGroup(ref rest)) return false;
        int digits = rest.Length - 1 - rest.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits == 0 || digits == rest.Length || rest[^(digits + 1)] != Dash) return false;
        task = rest[..^(digits + 1)].TrimStart(Space);
        return true;
    }

    // Takes the last column and the spaces before it.
    private static ReadOnlySpan<byte> TakeColumn(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> near = rest.Length > LongestColumn ? rest[^LongestColumn..] : rest;
        int length = near.Length - 1 - near.LastIndexOf(Space);
        ReadOnlySpan<byte> column = rest[^length..];
        rest = rest[..^length].TrimEnd(Space);
        return column;
    }

    private static bool IsTimestamp(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !char.IsAsciiDigit((char)text[0])) return false;
        int point = text.IndexOf((byte)'.');
        return IsDigits(point < 0 ? text : text[..point]) && (point < 0 || IsDigits(text[(point + 1)..]));
    }

    private static bool TryTakeProcessor(ref ReadOnlySpan<byte> rest)
    {
        if (rest is not [.., (byte)']']) return false;
        ReadOnlySpan<byte> near = rest.Length > LongestColumn ? rest[^LongestColumn..] : rest;
        int open = near.LastIndexOf((byte)'[');
        if (open < 0 || !IsDigits(near[(open + 1)..^1])) return false;
        rest = rest[..^(near.Length - open)].TrimEnd(Space);
        return true;
    }

    // Digits, or dashes where the kernel did not know the group.
    private static bool TryTakeTaskGroup(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> near = rest.Length > LongestColumn ? rest[^LongestColumn..] : rest;
        int open = near.LastIndexOf((byte)'(');
        if (open < 0) return false;
        ReadOnlySpan<byte> group = near[(open + 1)..^1].Trim(Space);
        if (!IsDigits(group) && (group.IsEmpty || group.ContainsAnyExcept(Dash))) return false;
        rest = rest[..^(near.Length - open)].TrimEnd(Space);
        return true;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
