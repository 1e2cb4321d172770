using System;

namespace FastRmp.Images.Traces;

/// <summary>The part of a line of <c>perf script</c> before the event: <c>COMM PID [CPU] TIME: </c>, or <c>PID/TID</c>; the processor and all before the time may be missing.</summary>
/// <remarks>Read from right to left, because a task may be named anything: a virtual processor of QEMU is called <c>CPU 0/KVM</c>.</remarks>
internal static class PerfHeader
{
    private const byte Space = (byte)' ';

    /// <summary>Reads a header.</summary>
    /// <param name="header">The line up to the event's name, its group included.</param>
    /// <param name="task">The task's name; empty if the line has none.</param>
    internal static bool TryParse(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> task)
    {
        task = default;
        ReadOnlySpan<byte> rest = header.TrimEnd(Space);
        if (rest.Length == header.Length || rest.IsEmpty || rest[^1] != ':') return false;
        if (!HeaderColumns.IsTimestamp(HeaderColumns.Take(ref rest)[..^1])) return false;
        if (rest.IsEmpty) return true;
        if (rest[^1] == ']' && !HeaderColumns.TryTakeProcessor(ref rest)) return false;
        if (!IsIdentifiers(HeaderColumns.Take(ref rest))) return false;
        task = rest.TrimStart(Space);
        return true;
    }

    // PID, PID/TID, or -1 where perf did not know it.
    private static bool IsIdentifiers(ReadOnlySpan<byte> text)
    {
        int slash = text.IndexOf((byte)'/');
        if (slash < 0) return IsIdentifier(text);
        return IsIdentifier(text[..slash]) && IsIdentifier(text[(slash + 1)..]);
    }

    private static bool IsIdentifier(ReadOnlySpan<byte> text) => HeaderColumns.IsDigits(text) || text.SequenceEqual("-1"u8);
}
