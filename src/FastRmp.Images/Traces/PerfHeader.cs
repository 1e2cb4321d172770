using System;

namespace FastRmp.Images;

/// <summary>The part of a line of <c>perf script</c> before the event: <c>COMM PID [CPU] TIME: PERIOD </c>, or <c>PID/TID</c>; by its
/// option <c>-F</c> any of them may be missing.</summary>
/// <remarks>Read from right to left, because a task may be named anything: a virtual processor of QEMU is called <c>CPU
/// 0/KVM</c>.</remarks>
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
        if (rest.Length == header.Length || rest.IsEmpty) return false;
        bool hasTime = TryTakeTime(ref rest);
        if (rest.IsEmpty) return true;
        bool hasProcessor = rest[^1] == ']';
        if (hasProcessor && !HeaderColumns.TryTakeProcessor(ref rest)) return false;
        ReadOnlySpan<byte> whole = rest;
        bool hasProcess = IsIdentifiers(HeaderColumns.Take(ref rest));
        if (!hasProcess && !(hasTime && hasProcessor)) return false;
        task = (hasProcess ? rest : whole).TrimStart(Space);
        return true;
    }

    // The sample's period may follow the time.
    private static bool TryTakeTime(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> before = rest;
        if (rest[^1] != ':' && !HeaderColumns.IsDigits(HeaderColumns.Take(ref before))) return false;
        if (before.IsEmpty || before[^1] != ':' || !HeaderColumns.IsTimestamp(HeaderColumns.Take(ref before)[..^1])) return false;
        rest = before;
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
