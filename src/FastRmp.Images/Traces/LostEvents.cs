using System;
using System.Buffers.Text;

namespace FastRmp.Images.Traces;

/// <summary>The kernel's note between events that its buffer overran: <c>CPU:1 [LOST 123 EVENTS]</c>, or without a number where it does not know it.</summary>
internal static class LostEvents
{
    internal static bool TryParse(ReadOnlySpan<byte> line, out ulong count)
    {
        count = 0;
        if (!line.StartsWith("CPU:"u8)) return false;
        int note = line.IndexOf(" [LOST "u8);
        if (note < 0 || !Utf8Parser.TryParse(line[4..note], out uint _, out int digits) || digits != note - 4) return false;
        ReadOnlySpan<byte> text = line[(note + " [LOST "u8.Length)..];
        if (text.StartsWith("EVENTS]"u8)) return true;
        return Utf8Parser.TryParse(text, out count, out int consumed) && text[consumed..].StartsWith(" EVENTS]"u8);
    }
}
