using System;
using System.Buffers;

namespace FastRmp.Images;

/// <summary>Takes out of a line what a terminal would obey: colours of <c>dmesg --color</c>, a console's cursor movements, stray control
/// characters.</summary>
internal static class TerminalCodes
{
    private const byte Escape = 0x1B;
    private const byte Bell = 7;

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

    /// <summary>The last byte of a sequence: <c>ESC [ … letter</c>; a string (<c>ESC ]</c>, <c>P</c>, <c>X</c>, <c>^</c>, <c>_</c>) to BEL
    /// or <c>ESC \</c>; <c>ESC ( B</c> and others with intermediate bytes; or one character.</summary>
    /// <remarks>Source: ECMA-48, 5.3 to 5.6; ECMA-35, 13.2.</remarks>
    private static int Skip(ReadOnlySpan<byte> line, int at)
    {
        if (at + 1 >= line.Length) return at;
        int end = at + 2;
        if (line[at + 1] == '[')
        {
            while (end < line.Length && line[end] is >= 0x20 and < 0x40) end++;
            return Math.Min(end, line.Length - 1);
        }

        if (line[at + 1] is (byte)']' or (byte)'P' or (byte)'X' or (byte)'_' or (byte)'^')
        {
            while (end < line.Length && line[end] is not (Bell or Escape)) end++;
            if (end + 1 < line.Length && line[end] == Escape && line[end + 1] == '\\') return end + 1;
            return end < line.Length && line[end] == Escape ? end - 1 : Math.Min(end, line.Length - 1); // another sequence begins
        }

        if (line[at + 1] is < 0x20 or >= 0x30) return at + 1;
        while (end < line.Length && line[end] is >= 0x20 and < 0x30) end++;
        return Math.Min(end, line.Length - 1);
    }
}
