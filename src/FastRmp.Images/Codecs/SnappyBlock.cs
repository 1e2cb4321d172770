using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>Decompresses one block of Snappy.</summary>
/// <remarks>
/// <para>Source: google/snappy format_description.txt. The block begins with its decompressed length; then literals and copies, told apart
/// by the low two bits of a tag.</para>
/// <para>Written here, though libraries exist: they allocate for each block and answer damage by exceptions, and this reads a page in each
/// call of a walk. Any input gives bytes inside the destination, or a refusal.</para>
/// </remarks>
internal static class SnappyBlock
{
    private const int Literal = 0;
    private const int CopyNear = 1;
    private const int CopyFar = 2;
    private const int LongLiteral = 60; // lengths above it stand in the next one to four bytes

    /// <summary>The length that a block says it has.</summary>
    /// <returns>−1 if it is none, or is above 2^31.</returns>
    internal static int DecompressedLength(ReadOnlySpan<byte> source) => ReadLength(source, out _);

    /// <summary>Decompresses a block.</summary>
    /// <param name="source">The block.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many; −1 if the block is damaged, or larger than the destination.</returns>
    internal static int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int length = ReadLength(source, out int input);
        if (length < 0 || length > destination.Length) return -1;
        destination = destination[..length];
        int output = 0;
        while (input < source.Length)
        {
            int tag = source[input++];
            int kind = tag & 3;
            int count = tag >> 2;
            if (kind == Literal)
            {
                if (count >= LongLiteral && !TryNumber(source, ref input, count - LongLiteral + 1, out count)) return -1;
                if (count >= source.Length - input || count >= length - output) return -1;
                count++;
                source.Slice(input, count).CopyTo(destination[output..]);
                input += count;
                output += count;
                continue;
            }

            int distance;
            if (kind == CopyNear)
            {
                if (input == source.Length) return -1;
                distance = ((tag >> 5) << 8) + source[input++];
                count = 4 + (count & 7);
            }
            else
            {
                if (!TryNumber(source, ref input, kind == CopyFar ? 2 : 4, out distance)) return -1;
                count++;
            }

            if (!BackReference.TryCopy(destination, ref output, distance, count)) return -1;
        }

        return output == length ? length : -1;
    }

    private static int ReadLength(ReadOnlySpan<byte> source, out int input)
    {
        ulong length = 0;
        for (input = 0; input < 5 && input < source.Length;)
        {
            byte part = source[input];
            length |= (ulong)(part & 0x7F) << (7 * input);
            input++;
            if (part < 0x80) return length <= int.MaxValue ? (int)length : -1;
        }

        return -1;
    }

    private static bool TryNumber(ReadOnlySpan<byte> source, ref int input, int bytes, out int number)
    {
        number = 0;
        if (source.Length - input < bytes) return false;
        uint value = bytes switch
        {
            1 => source[input],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(source[input..]),
            3 => (uint)(source[input] | (source[input + 1] << 8) | (source[input + 2] << 16)),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(source[input..]),
        };
        input += bytes;
        number = (int)value;
        return value <= int.MaxValue;
    }
}
