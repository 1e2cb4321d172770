using System;

namespace FastRmp.Images;

/// <summary>What logs, consoles and mail programs put before the kernel's message: quoting marks, levels, times, hosts.</summary>
/// <remarks>dmesg with seconds, <c>-T</c>, <c>-H</c>, <c>-d</c>, <c>-x</c>, ISO times and <c>--raw</c>; <c>/dev/kmsg</c>; syslog and
/// journald in their short forms; Xen's console.</remarks>
internal static class LogPrefix
{
    private const int FarthestKernelWord = 160;
    private const int MostRounds = 4;

    /// <summary>Splits a line.</summary>
    /// <param name="line">The line, without a line end.</param>
    /// <param name="stamp">The time as it is printed, or empty.</param>
    /// <returns>The message.</returns>
    internal static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> stamp)
    {
        ReadOnlySpan<byte> found = default;
        ReadOnlySpan<byte> text = Unquoted(line);
        for (int round = 0; round < MostRounds; round++)
        {
            ReadOnlySpan<byte> before = text;
            text = Level(text);
            text = Kmsg(text, ref found);
            text = Brackets(text, ref found);
            text = Iso(text, ref found);
            text = Host(text, ref found);
            if (text.StartsWith("(XEN) "u8)) text = text[6..];
            if (text.Length == before.Length) break;
        }

        stamp = found;
        return Blanks(text);
    }

    /// <summary>What follows the last time in brackets in a line, whatever stands before it; the line if there is none.</summary>
    internal static ReadOnlySpan<byte> AfterTime(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> head = line[..Math.Min(line.Length, FarthestKernelWord)];
        for (int open = head.LastIndexOf((byte)'['); open >= 0; open = head[..open].LastIndexOf((byte)'['))
        {
            int close = line[open..].IndexOf((byte)']');
            if (close > 1 && IsTime(Blanks(line.Slice(open + 1, close - 1)))) return Blanks(line[(open + close + 1)..]);
        }

        return line;
    }

    /// <summary>A line without the marks of a mail that quotes it and without the mark that editors put before a text.</summary>
    internal static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) line = line[3..];
        line = Blanks(line);
        while (line is [(byte)'>' or (byte)'|', ..]) line = Blanks(line[1..]);
        return line;
    }

    private static ReadOnlySpan<byte> Blanks(ReadOnlySpan<byte> text)
    {
        int start = 0;
        while (start < text.Length && text[start] <= ' ') start++;
        return text[start..];
    }

    /// <summary><c>&lt;6&gt;</c> of the raw log, and <c>kern  :info  : </c> of <c>dmesg -x</c>.</summary>
    private static ReadOnlySpan<byte> Level(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'<', _, ..])
        {
            int close = text[..Math.Min(text.Length, 6)].IndexOf((byte)'>');
            if (close > 1 && AreDigits(text[1..close])) return Blanks(text[(close + 1)..]);
        }

        if (!text.StartsWith("kern "u8) && !text.StartsWith("user "u8) && !text.StartsWith("kern:"u8)) return text;
        ReadOnlySpan<byte> head = text[..Math.Min(text.Length, 24)];
        int first = head.IndexOf((byte)':');
        int second = first < 0 ? -1 : head[(first + 1)..].IndexOf((byte)':');
        return second < 0 ? text : Blanks(text[(first + second + 2)..]);
    }

    /// <summary><c>6,1234,5678901,-;</c>: level, sequence number and microseconds.</summary>
    private static ReadOnlySpan<byte> Kmsg(ReadOnlySpan<byte> text, scoped ref ReadOnlySpan<byte> stamp)
    {
        if (text is not [>= (byte)'0' and <= (byte)'9', ..]) return text;
        int semicolon = text[..Math.Min(text.Length, 64)].IndexOf((byte)';');
        if (semicolon < 0) return text;
        ReadOnlySpan<byte> head = text[..semicolon];
        int commas = 0;
        foreach (byte character in head)
        {
            if (character == ',') commas++;
            else if (commas < 3 && !LogText.IsDigit(character)) return text;
        }

        if (commas < 3) return text;
        int first = head.IndexOf((byte)',');
        int second = head[(first + 1)..].IndexOf((byte)',') + first + 1;
        int third = head[(second + 1)..].IndexOf((byte)',') + second + 1;
        stamp = head[(second + 1)..third];
        return text[(semicolon + 1)..];
    }

    private static ReadOnlySpan<byte> Brackets(ReadOnlySpan<byte> text, scoped ref ReadOnlySpan<byte> stamp)
    {
        bool any = false;
        while (text is [(byte)'[', ..])
        {
            int close = text[..Math.Min(text.Length, 48)].IndexOf((byte)']');
            if (close < 2) break;
            ReadOnlySpan<byte> inside = Blanks(text[1..close]);
            if (!any && IsTime(inside)) stamp = inside;
            else if (!any || !IsCaller(inside)) break;
            any = true;
            text = Blanks(text[(close + 1)..]);
        }

        return text;
    }

    /// <summary>Seconds with a fraction, <c>+</c> or <c>&lt;…&gt;</c> for a difference; or a date: <c>Sat Nov 29 12:12:38 2026</c>,
    /// <c>Nov29 12:12</c>, <c>2026-11-29 12:12:38</c>.</summary>
    private static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        if (text[0] is (byte)'+' or (byte)'<') text = Blanks(text[1..]);
        int point = text.IndexOf((byte)'.');
        if (point > 0 && AreDigits(text[..point]))
        {
            int end = point + 1;
            while (end < text.Length && LogText.IsDigit(text[end])) end++;
            if (end - point > 1 && (end == text.Length || text[end] is (byte)'@' or (byte)'>' or (byte)' ')) return true;
        }

        return text.Length >= 8 && text.IndexOf((byte)':') > 0 && (IsMonth(text) || (text.Length > 4 && IsDay(text)) || IsDate(text));
    }

    private static bool IsCaller(ReadOnlySpan<byte> text) =>
        text is [(byte)'T' or (byte)'C', _, ..] && AreDigits(text[1..]) && text.Length < 12;

    /// <summary><c>2026-11-29T12:12:38,123456+00:00 </c> and what journald and syslog print with a host after it.</summary>
    private static ReadOnlySpan<byte> Iso(ReadOnlySpan<byte> text, scoped ref ReadOnlySpan<byte> stamp)
    {
        if (!IsDate(text) || text.Length < 20 || text[10] is not ((byte)'T' or (byte)' ')) return text;
        int blank = text[11..].IndexOf((byte)' ');
        if (blank < 8) return text;
        stamp = text[..(11 + blank)];
        return Blanks(text[(11 + blank)..]);
    }

    /// <summary><c>Feb 27 19:32:31 host kernel: </c>, with whatever time and process id.</summary>
    private static ReadOnlySpan<byte> Host(ReadOnlySpan<byte> text, scoped ref ReadOnlySpan<byte> stamp)
    {
        ReadOnlySpan<byte> head = text[..Math.Min(text.Length, FarthestKernelWord)];
        int at = head.IndexOf("kernel"u8);
        while (at >= 0)
        {
            int end = at + 6;
            if (end < head.Length && head[end] == '[')
            {
                int close = head[end..].IndexOf((byte)']');
                end = close < 0 ? head.Length : end + close + 1;
            }

            bool isAlone = at == 0 || head[at - 1] is (byte)' ' or (byte)'\t';
            if (isAlone && end + 1 < text.Length && text[end] == ':' && text[end + 1] == ' ')
            {
                if (stamp.IsEmpty && at > 8) stamp = text[..(at - 1)];
                return Blanks(text[(end + 2)..]);
            }

            int next = head[(at + 1)..].IndexOf("kernel"u8);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return text;
    }

    private static bool IsDate(ReadOnlySpan<byte> text) =>
        text is [_, _, _, _, (byte)'-', _, _, (byte)'-', _, _, ..] && AreDigits(text[..4]) && AreDigits(text[5..7])
            && AreDigits(text[8..10]);

    private static bool IsMonth(ReadOnlySpan<byte> text) => "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(text[..3]) is >= 0 and int at
        && at % 3 == 0;

    private static bool IsDay(ReadOnlySpan<byte> text) => "MonTueWedThuFriSatSun"u8.IndexOf(text[..3]) is >= 0 and int at && at % 3 == 0;

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
