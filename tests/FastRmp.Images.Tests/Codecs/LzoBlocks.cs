using System;
using System.Collections.Generic;

namespace FastRmp.Images.Tests.Codecs;

/// <summary>Writes LZO1X by hand, from the rules of Linux Documentation/staging/lzo.rst.</summary>
internal static class LzoBlocks
{
    /// <summary>A block of literals alone.</summary>
    internal static byte[] Literal(ReadOnlySpan<byte> bytes)
    {
        List<byte> block = [];
        if (bytes.Length <= 238)
        {
            block.Add((byte)(17 + bytes.Length));
        }
        else
        {
            Long(block, 0, bytes.Length - 3, 15);
        }

        block.AddRange(bytes);
        block.AddRange([17, 0, 0]);
        return [.. block];
    }

    /// <summary>A block of four bytes that repeat.</summary>
    internal static byte[] Periodic(ReadOnlySpan<byte> four, int length)
    {
        List<byte> block = [17 + 4, .. four];
        Long(block, 32, length - 4 - 2, 31);
        block.AddRange([(4 - 1) << 2, 0, 17, 0, 0]);
        return [.. block];
    }

    internal static byte[] Repeat(ReadOnlySpan<byte> four, int length)
    {
        byte[] bytes = new byte[length];
        for (int index = 0; index < length; index++)
        {
            bytes[index] = four[index % 4];
        }

        return bytes;
    }

    // An instruction whose length is too large for it: zero bytes for 255 each, then the rest.
    private static void Long(List<byte> block, byte instruction, int length, int start)
    {
        block.Add(instruction);
        int rest = length - start;
        for (; rest > 255; rest -= 255)
        {
            block.Add(0);
        }

        block.Add((byte)rest);
    }
}
