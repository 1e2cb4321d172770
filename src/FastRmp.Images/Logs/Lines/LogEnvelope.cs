using System;
using System.Buffers;
using System.Text;

namespace FastRmp.Images;

/// <summary>Messages inside the forms that journald exports: JSON objects, one a line or spread over lines, and <c>NAME=value</c>
/// lines.</summary>
internal static class LogEnvelope
{
    private static ReadOnlySpan<byte> Name => "\"MESSAGE\""u8;

    /// <summary>The message, if the line is such an envelope.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isRest">Whether the line's begin is missing.</param>
    /// <param name="scratch">Receives the message.</param>
    /// <returns>Whether there is one.</returns>
    internal static bool TryOpen(ReadOnlySpan<byte> line, bool isRest, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        if (line.StartsWith("MESSAGE="u8))
        {
            scratch.Write(line[8..]);
            return true;
        }

        if (!isRest && !IsObject(line)) return false;
        int at = line.IndexOf(Name);
        if (at < 0) return false;
        int value = at + Name.Length;
        while (value < line.Length && line[value] is (byte)' ' or (byte)':' or (byte)'\t') value++;
        if (value >= line.Length) return false;
        return line[value] switch
        {
            (byte)'"' => Text(line[(value + 1)..], scratch),
            (byte)'[' => Bytes(line[(value + 1)..], scratch),
            _ => false,
        };
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = LogPrefix.Unquoted(line);
        return text is [(byte)'{', ..] || text.StartsWith(Name) || text.StartsWith("data: {"u8);
    }

    private static bool Text(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> scratch)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') return true;
            if (text[i] != '\\')
            {
                int run = text[i..].IndexOfAny((byte)'"', (byte)'\\');
                if (run < 0) run = text.Length - i;
                scratch.Write(text.Slice(i, run));
                i += run - 1;
                continue;
            }

            if (++i >= text.Length) break;
            if (text[i] == 'u') i += Escape(text[(i + 1)..], scratch);
            else scratch.Write([Control(text[i])]);
        }

        return true; // cut off: what is there counts
    }

    private static int Escape(ReadOnlySpan<byte> digits, ArrayBufferWriter<byte> scratch)
    {
        if (digits.Length < 4) return 0;
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            int digit = LogText.HexDigit(digits[i]);
            if (digit < 0) return 0;
            value = (value << 4) | digit;
        }

        Span<byte> bytes = stackalloc byte[4];
        if (!Rune.TryCreate((uint)value, out Rune rune)) rune = Rune.ReplacementChar;
        scratch.Write(bytes[..rune.EncodeToUtf8(bytes)]);
        return 4;
    }

    private static byte Control(byte letter) => letter switch
    {
        (byte)'n' or (byte)'r' => (byte)' ',
        (byte)'t' => (byte)'\t',
        (byte)'b' or (byte)'f' => (byte)' ',
        _ => letter,
    };

    /// <summary>journald writes messages with control characters as numbers.</summary>
    private static bool Bytes(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> scratch)
    {
        LogText numbers = new(text);
        while (numbers.Decimal(out long value) && value is >= 0 and <= byte.MaxValue) scratch.Write([(byte)value]);
        return scratch.WrittenCount != 0;
    }
}
