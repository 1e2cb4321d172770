using System;

namespace FastRmp.Images;

/// <summary>A message that is read from left to right: after a word, a number.</summary>
/// <remarks>Nothing is allocated. A number that runs on in letters or digits is none, so that a format string or a prose sentence gives
/// none.</remarks>
internal ref struct LogText(ReadOnlySpan<byte> text)
{
    private const int MostHexDigits = 16;
    private const int MostDecimalDigits = 18;

    private ReadOnlySpan<byte> _rest = text;

    /// <summary>What has not been read yet.</summary>
    internal readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Goes past the next occurrence of a word; stays where it is if there is none.</summary>
    internal bool After(ReadOnlySpan<byte> word)
    {
        int at = _rest.IndexOf(word);
        if (at < 0) return false;
        _rest = _rest[(at + word.Length)..];
        return true;
    }

    /// <summary>Goes past a word that does not begin in the middle of another one.</summary>
    internal bool AfterWord(ReadOnlySpan<byte> word)
    {
        int from = 0;
        while (true)
        {
            int at = _rest[from..].IndexOf(word);
            if (at < 0) return false;
            at += from;
            if (at == 0 || !IsPartOfName(_rest[at - 1]))
            {
                _rest = _rest[(at + word.Length)..];
                return true;
            }

            from = at + 1;
        }
    }

    /// <summary>Reads a hexadecimal number with or without <c>0x</c>, after blanks and punctuation.</summary>
    internal bool Hex(out ulong value)
    {
        value = 0;
        int start = 0;
        while (start < _rest.Length && _rest[start] is (byte)' ' or (byte)'\t' or (byte)':' or (byte)'=' or (byte)'(' or (byte)'['
            or (byte)',' or (byte)'<' or (byte)'-' or (byte)'#' or (byte)'@' or (byte)'"')
        {
            start++;
        }

        ReadOnlySpan<byte> digits = _rest[start..];
        int mark = digits is [(byte)'0', (byte)'x' or (byte)'X', ..] ? 2 : 0;
        int end = mark;
        while (end < digits.Length && IsHex(digits[end])) end++;
        if (end == mark || end - mark > MostHexDigits || (end < digits.Length && IsPartOfName(digits[end]))) return false;
        for (int i = mark; i < end; i++) value = (value << 4) | (uint)HexDigit(digits[i]);
        _rest = digits[end..];
        return true;
    }

    /// <summary>Reads a decimal number with its sign, after blanks and punctuation.</summary>
    internal bool Decimal(out long value)
    {
        value = 0;
        int start = 0;
        while (start < _rest.Length && _rest[start] is (byte)' ' or (byte)'\t' or (byte)':' or (byte)'=' or (byte)'(' or (byte)'['
            or (byte)',')
        {
            start++;
        }

        ReadOnlySpan<byte> digits = _rest[start..];
        int sign = digits is [(byte)'-', ..] ? 1 : 0;
        int end = sign;
        while (end < digits.Length && IsDigit(digits[end])) end++;
        if (end == sign || end - sign > MostDecimalDigits || (end < digits.Length && IsPartOfName(digits[end]))) return false;
        for (int i = sign; i < end; i++) value = (value * 10) + (digits[i] - '0');
        if (sign == 1) value = -value;
        _rest = digits[end..];
        return true;
    }

    /// <summary>The hexadecimal number after a word of a text.</summary>
    internal static bool TryHex(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, out ulong value)
    {
        LogText scan = new(text);
        value = 0;
        while (scan.AfterWord(word))
        {
            LogText number = scan;
            if (number.Hex(out value)) return true;
        }

        return false;
    }

    /// <summary>The decimal number after a word of a text.</summary>
    internal static bool TryDecimal(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, out long value)
    {
        LogText scan = new(text);
        value = 0;
        while (scan.AfterWord(word))
        {
            LogText number = scan;
            if (number.Decimal(out value)) return true;
        }

        return false;
    }

    /// <summary>The decimal number after a word, if it fits an <see cref="int"/>.</summary>
    internal static int? Integer(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        TryDecimal(text, word, out long value) && value is >= int.MinValue and <= int.MaxValue ? (int)value : null;

    /// <summary>Whether a text has a word in it that does not begin in the middle of another one.</summary>
    internal static bool HasWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => new LogText(text).AfterWord(word);

    /// <summary>A text as a string that is harmless on a terminal: bytes that are not printable ASCII become dots, and what is too long is
    /// cut.</summary>
    internal static string Printable(ReadOnlySpan<byte> text, int most = 200)
    {
        if (text.Length > most) text = text[..most];
        return string.Create(text.Length, text, static (characters, bytes) =>
        {
            for (int i = 0; i < characters.Length; i++) characters[i] = bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '.';
        });
    }

    internal static bool IsPartOfName(byte character) =>
        character is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_';

    internal static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';

    private static bool IsHex(byte character) => HexDigit(character) >= 0;

    internal static int HexDigit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
