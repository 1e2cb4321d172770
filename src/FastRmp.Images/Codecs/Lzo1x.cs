using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>Decompresses one block of LZO1X, the format that makedumpfile, QEMU and diskdump use as "lzo".</summary>
/// <remarks>
/// <para>Source: Linux Documentation/staging/lzo.rst. An instruction byte tells a distance, a length and 0 to 3 literals that follow; what
/// a byte below 16 means depends on the literals before it. Long lengths are a run of zero bytes of 255 each and a last byte. The block
/// ends with a match of distance 16384.</para>
/// <para>Every length is compared with what is left of input and output before a byte moves: any input gives bytes inside the destination,
/// or a refusal.</para>
/// </remarks>
internal static class Lzo1x
{
    private const int FirstLiterals = 17; // a first byte above it is a literal run
    private const int LongRun = 4; // the state after a literal run of its own: four bytes or more
    private const int FarMatch = 16384;

    /// <summary>Decompresses a block.</summary>
    /// <param name="source">The block.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many; −1 if the block is damaged, or larger than the destination.</returns>
    internal static int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int input = 0;
        int output = 0;
        int state = 0; // literals that followed the last match
        if (source.Length != 0 && source[0] > FirstLiterals)
        {
            int first = source[input++] - FirstLiterals;
            if (!TryCopy(source, ref input, destination, ref output, first)) return -1;
            state = Math.Min(first, LongRun);
        }

        while (input < source.Length)
        {
            int instruction = source[input++];
            int length;
            int distance;
            int next = instruction & 3;
            if (instruction >= 64)
            {
                if (input == source.Length) return -1;
                length = (instruction >> 5) + 1;
                distance = 1 + ((instruction >> 2) & 7) + (source[input++] << 3);
            }
            else if (instruction >= 16)
            {
                bool isFar = instruction < 32;
                int mask = isFar ? 7 : 31;
                length = instruction & mask;
                if ((length == 0 && !TryLength(source, ref input, mask, out length)) || source.Length - input < sizeof(ushort)) return -1;
                length += 2;
                int word = BinaryPrimitives.ReadUInt16LittleEndian(source[input..]);
                input += sizeof(ushort);
                next = word & 3;
                distance = 1 + (word >> 2);
                if (isFar)
                {
                    distance += FarMatch - 1 + ((instruction & 8) << 11);
                    if (distance == FarMatch) return input == source.Length ? output : -1;
                }
            }
            else if (state == 0)
            {
                length = instruction;
                if (length == 0 && !TryLength(source, ref input, 15, out length)) return -1;
                if (!TryCopy(source, ref input, destination, ref output, length + 3)) return -1;
                state = LongRun;
                continue;
            }
            else
            {
                if (input == source.Length) return -1;
                length = state == LongRun ? 3 : 2;
                distance = (state == LongRun ? 2049 : 1) + (instruction >> 2) + (source[input++] << 2);
            }

            if (!BackReference.TryCopy(destination, ref output, distance, length)) return -1;
            if (next != 0 && !TryCopy(source, ref input, destination, ref output, next)) return -1;
            state = next;
        }

        return -1; // no end mark
    }

    private static bool TryLength(ReadOnlySpan<byte> source, ref int input, int start, out int length)
    {
        length = start;
        while (input < source.Length && source[input] == 0)
        {
            // Counted against the input: no block of memory can overflow this.
            length += 255;
            input++;
            if (length > int.MaxValue - (2 * 255)) return false;
        }

        if (input == source.Length) return false;
        length += source[input++];
        return true;
    }

    private static bool TryCopy(ReadOnlySpan<byte> source, ref int input, Span<byte> destination, ref int output, int length)
    {
        const int Short = 2 * sizeof(ulong);
        if (length <= Short && source.Length - input >= Short && destination.Length - output >= Short)
        {
            // What is written behind the length is written over later, or is behind the bytes that count.
            BinaryPrimitives.WriteUInt128LittleEndian(
                destination.Slice(output, Short), BinaryPrimitives.ReadUInt128LittleEndian(source.Slice(input, Short)));
        }
        else
        {
            if (length > source.Length - input || length > destination.Length - output) return false;
            source.Slice(input, length).CopyTo(destination[output..]);
        }

        input += length;
        output += length;
        return true;
    }
}
