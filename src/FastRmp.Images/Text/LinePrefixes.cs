using System;

namespace FastRmp.Images;

/// <summary>What mail programs, editors and logs add before a line that they quote.</summary>
internal static class LinePrefixes
{
    private const byte Space = (byte)' ';
    private const int LongestName = 16;
    private const int FractionDigits = 6;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> KernelLog => "kernel: "u8;

    /// <summary>A line without the quotation marks of a mail, and the first line without a byte order mark.</summary>
    /// <param name="line">The line.</param>
    /// <param name="number">Its number, from 1.</param>
    internal static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> line, long number)
    {
        if (number == 1 && line.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
        while (line is [(byte)'>', ..])
        {
            line = line[1..];
            if (line is [Space, ..]) line = line[1..];
        }

        return line;
    }

    /// <summary>A text without the time and the caller that the kernel's log puts before it, as in <c>[ 123.456789] [ T12]</c>, nor what
    /// syslog puts before these.</summary>
    internal static ReadOnlySpan<byte> WithoutLog(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestName && text.IndexOf(KernelLog) is >= 0 and int at)
        {
            text = text[(at + KernelLog.Length)..].TrimStart(Space);
        }

        if (!TryBrackets(text, out ReadOnlySpan<byte> time, out ReadOnlySpan<byte> rest) || !IsTime(time)) return text;
        return TryBrackets(rest, out ReadOnlySpan<byte> caller, out ReadOnlySpan<byte> after) && IsCaller(caller) ? after : rest;
    }

    private static bool TryBrackets(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> inside, out ReadOnlySpan<byte> rest)
    {
        int close = text is [(byte)'[', ..] ? text.IndexOf((byte)']') : -1;
        inside = close < 0 ? default : text[1..close].TrimStart(Space);
        rest = close < 0 ? text : text[(close + 1)..].TrimStart(Space);
        return close >= 0;
    }

    // Microseconds with all six digits; a task may be called nearly so. With '+' it is the time since the line before.
    private static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'+', ..]) text = text[1..];
        return text.Length > FractionDigits + 1 && text[^(FractionDigits + 1)] == '.' && AreDigits(text[..^(FractionDigits + 1)])
            && AreDigits(text[^FractionDigits..]);
    }

    private static bool IsCaller(ReadOnlySpan<byte> text) => text is [(byte)'T' or (byte)'C', _, ..] && AreDigits(text[1..]);

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
