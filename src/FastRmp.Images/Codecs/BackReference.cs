using System;

namespace FastRmp.Images;

/// <summary>A match of LZO: bytes that were there before, once more.</summary>
internal static class BackReference
{
    /// <summary>Appends bytes that lie a distance back; they may overlap what they make.</summary>
    /// <returns>False if they would begin before the destination, or end behind it.</returns>
    internal static bool TryCopy(Span<byte> destination, ref int output, int distance, int length)
    {
        if ((uint)(distance - 1) >= (uint)output || (uint)length > (uint)(destination.Length - output)) return false;
        int from = output - distance;
        if (distance == 1)
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
}
