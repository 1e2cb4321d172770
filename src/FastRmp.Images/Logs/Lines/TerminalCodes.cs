using System;
using System.Buffers;

namespace FastRmp.Images;

/// <summary>Takes out of a line what a terminal would obey: colours of <c>dmesg --color</c>, a console's cursor movements, stray control
/// characters.</summary>
internal static class TerminalCodes
{
    private const byte Escape = 0x1B;

    /// <summary>Whether a line has such bytes.</summary>
    internal static bool Has(ReadOnlySpan<byte> line) =>
        line.ContainsAnyInRange((byte)0, (byte)8) || line.ContainsAnyInRange((byte)11, (byte)31);

    /// <summary>Copies a line without them.</summary>
    internal static ReadOnlySpan<byte> Without(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        for (int i = 0; i < line.Length; i++)
        {
            byte character = line[i];
            if (character == Escape) i = Skip(line, i);
            else if (character is >= (byte)' ' or (byte)'\t') scratch.Write([character]);
        }

        return scratch.WrittenSpan;
    }

    /// <summary>The last byte of a sequence: <c>ESC [ … letter</c>, <c>ESC ] … BEL</c>, or one character.</summary>
    private static int Skip(ReadOnlySpan<byte> line, int at)
    {
        if (at + 1 >= line.Length) return at;
        int end = at + 2;
        if (line[at + 1] == '[')
        {
            while (end < line.Length && line[end] is >= 0x20 and < 0x40) end++;
            return Math.Min(end, line.Length - 1);
        }

        if (line[at + 1] is (byte)']' or (byte)'P' or (byte)'_' or (byte)'^')
        {
            while (end < line.Length && line[end] is not (7 or Escape)) end++;
            return Math.Min(end, line.Length - 1);
        }

        return at + 1;
    }
}
