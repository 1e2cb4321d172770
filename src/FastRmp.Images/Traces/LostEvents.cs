using System;
using System.Buffers.Text;

namespace FastRmp.Images;

/// <summary>Notes between events that some were lost, with their number where it is known.</summary>
/// <remarks>The kernel's <c>CPU:1 [LOST 123 EVENTS]</c>, the <c>CPU:1 [123 EVENTS DROPPED]</c> of <c>trace-cmd report</c>, and the
/// <c>PERF_RECORD_LOST lost 123</c> of <c>perf script</c>.</remarks>
internal static class LostEvents
{
    private static ReadOnlySpan<byte> Dropped => "EVENTS DROPPED]"u8;

    private static ReadOnlySpan<byte> Lost => "[LOST "u8;

    internal static bool TryParse(ReadOnlySpan<byte> line, out ulong count)
    {
        count = 0;
        if (!line.StartsWith("CPU:"u8)) return TryParsePerf(line, out count);
        int note = line.IndexOf(" ["u8);
        if (note < 0 || !Utf8Parser.TryParse(line[4..note], out uint _, out int digits) || digits != note - 4) return false;
        ReadOnlySpan<byte> text = line[(note + 1)..];
        if (text.StartsWith(Lost))
        {
            text = text[Lost.Length..];
            if (text.StartsWith("EVENTS]"u8)) return true;
            return Utf8Parser.TryParse(text, out count, out int consumed) && text[consumed..].StartsWith(" EVENTS]"u8);
        }

        text = text[1..];
        if (text.StartsWith(Dropped)) return true;
        return Utf8Parser.TryParse(text, out count, out int taken) && text[taken..] is [(byte)' ', ..]
            && text[(taken + 1)..].StartsWith(Dropped);
    }

    private static bool TryParsePerf(ReadOnlySpan<byte> line, out ulong count)
    {
        count = 0;
        int record = line.IndexOf(": PERF_RECORD_LOST"u8);
        int number = record < 0 ? -1 : line[record..].IndexOf(" lost "u8);
        return number >= 0 && Utf8Parser.TryParse(line[(record + number + " lost "u8.Length)..], out count, out int _);
    }
}
