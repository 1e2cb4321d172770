using System;

namespace FastRmp.Images;

/// <summary>The checksum of zlib (RFC 1950).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;
    private const int Chunk = 5552; // the most bytes before a sum passes 32 bits

    internal static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint low = 1;
        uint high = 0;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, Chunk)];
            bytes = bytes[part.Length..];
            while (part.Length >= 8)
            {
                // Eight bytes at once: the sum of sums takes each as often as it would have been added.
                uint a = part[0], b = part[1], c = part[2], d = part[3], e = part[4], f = part[5], g = part[6], h = part[7];
                high += (8 * low) + (8 * a) + (7 * b) + (6 * c) + (5 * d) + (4 * e) + (3 * f) + (2 * g) + h;
                low += a + b + c + d + e + f + g + h;
                part = part[8..];
            }

            foreach (byte value in part)
            {
                low += value;
                high += low;
            }

            low %= Modulus;
            high %= Modulus;
        }

        return (high << 16) | low;
    }
}
