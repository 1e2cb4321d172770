using System;
using System.Buffers.Text;

namespace FastRmp.Images;

/// <summary>The tokens of a line of an RMP trace, separated by blanks; <c>KEY=VALUE</c>, or a key and its value as two tokens.</summary>
internal ref struct RmpTraceTokens(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>What was not taken yet.</summary>
    internal readonly ReadOnlySpan<byte> Rest => _rest;

    internal bool TryTake(out ReadOnlySpan<byte> token)
    {
        _rest = _rest.TrimStart(" \t"u8);
        int end = _rest.IndexOfAny((byte)' ', (byte)'\t');
        token = end < 0 ? _rest : _rest[..end];
        _rest = _rest[token.Length..];
        return !token.IsEmpty;
    }

    /// <summary>Splits <c>KEY=VALUE</c>; of a key alone the next token is the value.</summary>
    internal ReadOnlySpan<byte> ValueOf(ref ReadOnlySpan<byte> token)
    {
        int equals = token.IndexOf((byte)'=');
        if (equals < 0) return TryTake(out ReadOnlySpan<byte> next) ? next : default;
        ReadOnlySpan<byte> value = token[(equals + 1)..];
        token = token[..equals];
        return value;
    }

    internal static bool Is(ReadOnlySpan<byte> token, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(token, word);

    internal static bool TryHexadecimal(ReadOnlySpan<byte> text, out ulong value)
    {
        if (text is [(byte)'0', (byte)'x' or (byte)'X', ..]) text = text[2..];
        return Utf8Parser.TryParse(text, out value, out int used, 'x') && used == text.Length;
    }

    internal static bool TryAddress(ReadOnlySpan<byte> text, out PhysicalAddress address)
    {
        address = default;
        return TryHexadecimal(text, out ulong value) && PhysicalAddress.TryCreate(value, out address);
    }

    internal static bool TryDecimal(ReadOnlySpan<byte> text, ulong most, out ulong value)
    {
        bool isHexadecimal = text is [(byte)'0', (byte)'x' or (byte)'X', ..];
        if (isHexadecimal) return TryHexadecimal(text, out value) && value <= most;
        return Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && value <= most;
    }

    internal static bool TrySize(ReadOnlySpan<byte> text, out PageSize size)
    {
        size = Is(text, "2m"u8) ? PageSize.Size2M : Is(text, "1g"u8) ? PageSize.Size1G : PageSize.Size4K;
        return size != PageSize.Size4K || Is(text, "4k"u8);
    }

    /// <summary>Seconds, a point and a fraction; later digits than nanoseconds do not count. A colon may follow.</summary>
    internal static bool TryTime(ReadOnlySpan<byte> token, out ulong nanoseconds)
    {
        const int Fraction = 9;
        const int LongestSeconds = 10;
        nanoseconds = 0;
        if (token is [.., (byte)':']) token = token[..^1];
        int point = token.IndexOf((byte)'.');
        if (point is <= 0 or > LongestSeconds || point == token.Length - 1) return false;
        int digits = 0;
        for (int i = 0; i < token.Length; i++)
        {
            if (i == point) continue;
            if (token[i] is < (byte)'0' or > (byte)'9') return false;
            if (digits++ < point + Fraction) nanoseconds = (nanoseconds * 10) + (ulong)(token[i] - '0');
        }

        for (; digits < point + Fraction; digits++)
        {
            nanoseconds *= 10;
        }

        return true;
    }

    /// <summary><c>cpu</c> and a number.</summary>
    internal static bool TryProcessor(ReadOnlySpan<byte> token, out int processor)
    {
        processor = RmpTraceEvent.NoProcessor;
        const int Most = 1 << 20;
        if (token.Length < 4 || !Is(token[..3], "cpu"u8) || !TryDecimal(token[3..], Most, out ulong number)) return false;
        processor = (int)number;
        return true;
    }
}
