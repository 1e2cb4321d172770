using System;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>The time of an entry of the journal, which its exports give as a field beside the message: in the same line, or with
/// <c>-o export</c> and <c>-o json-pretty</c> in a line before or after it.</summary>
internal sealed class JournalTime
{
    private const int Reach = LogBlocks.LookBehind;
    private const ulong LastMicrosecond = 253_402_300_799_999_999; // of the year 9999

    private readonly byte[] _text = new byte[40];

    /// <summary>The log, for the lines around the message.</summary>
    internal LogBlocks? Blocks { get; set; }

    /// <summary>The time of a message, as text.</summary>
    /// <param name="line">The line with the message.</param>
    /// <returns>The time in UTC, else since the boot; empty if no field has it. Valid until the next call.</returns>
    internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> line)
    {
        if (TryFind(line, out ReadOnlySpan<byte> time)) return time;
        if (Blocks is null) return default;
        ReadOnlySpan<byte> behind = Blocks.Behind;
        int begin = Math.Max(behind.LastIndexOf("\n\n"u8), behind.LastIndexOf("}\n"u8));
        if (TryFind(begin < 0 ? behind : behind[begin..], out time)) return time;
        ReadOnlySpan<byte> ahead = Blocks.Head[..Math.Min(Blocks.Head.Length, Reach)];
        int blank = ahead.IndexOf("\n\n"u8);
        if (blank >= 0) ahead = ahead[..blank];
        int close = ahead.IndexOf("\n}"u8);
        return TryFind(close < 0 ? ahead : ahead[..close], out time) ? time : default;
    }

    private bool TryFind(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> time)
    {
        int length = 0;
        if (TryNumber(text, "__REALTIME_TIMESTAMP"u8, out ulong moment) && moment <= LastMicrosecond)
        {
            DateTime date = DateTime.UnixEpoch.AddTicks((long)moment * TimeSpan.TicksPerMicrosecond);
            date.TryFormat(_text, out length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }
        else if (TryNumber(text, "__MONOTONIC_TIMESTAMP"u8, out moment))
        {
            decimal seconds = (decimal)moment / 1_000_000;
            seconds.TryFormat(_text, out length, "0.000000", CultureInfo.InvariantCulture);
        }

        time = _text.AsSpan(0, length);
        return length != 0;
    }

    /// <summary><c>NAME=1234</c>, <c>"NAME":"1234"</c>, <c>"NAME" : "1234"</c>.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong value)
    {
        value = 0;
        int at = text.LastIndexOf(name);
        if (at < 0) return false;
        ReadOnlySpan<byte> rest = text[(at + name.Length)..].TrimStart("\": ="u8);
        int digits = 0;
        while (digits < rest.Length && digits < 18 && LogText.IsDigit(rest[digits])) value = (value * 10) + (ulong)(rest[digits++] - '0');
        return digits > 0;
    }
}
