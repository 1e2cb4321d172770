using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>A match of LZO: bytes that were there before, once more.</summary>
internal static class BackReference
{
    private const int Short = 2 * sizeof(ulong);

    /// <summary>Appends bytes that lie a distance back; they may overlap what they make.</summary>
    /// <returns>False if they would begin before the destination, or end behind it.</returns>
    internal static bool TryCopy(Span<byte> destination, ref int output, int distance, int length)
    {
        if ((uint)(distance - 1) >= (uint)output || (uint)length > (uint)(destination.Length - output)) return false;
        int from = output - distance;
        if (length <= Short && distance >= sizeof(ulong) && destination.Length - output >= Short)
        {
            // What is written behind the length is written over later, or is behind the bytes that count.
            CopyWord(destination, from, output);
            CopyWord(destination, from + sizeof(ulong), output + sizeof(ulong));
        }
        else if (distance == 1)
        {
            destination.Slice(output, length).Fill(destination[from]);
        }
        else if (distance >= length)
        {
            destination.Slice(from, length).CopyTo(destination[output..]);
        }
        else
        {
            // What is there doubles with every copy.
            int made = 0;
            while (made < length)
            {
                int count = Math.Min(distance + made, length - made);
                destination.Slice(from, count).CopyTo(destination[(output + made)..]);
                made += count;
            }
        }

        output += length;
        return true;
    }

    private static void CopyWord(Span<byte> bytes, int from, int to) => BinaryPrimitives.WriteUInt64LittleEndian(
        bytes.Slice(to, sizeof(ulong)), BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(from, sizeof(ulong))));
}
