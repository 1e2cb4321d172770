using System;
using System.IO;
using Snappier;

namespace FastRmp.Images;

/// <summary>Decompresses one block of Snappy by the library Snappier, which answers damage by exceptions.</summary>
/// <remarks>The block begins with its decompressed length, which is compared with the destination before anything is made. A block costs 80
/// bytes on the managed heap.</remarks>
internal static class SnappyBlock
{
    /// <summary>The length that a block says it has.</summary>
    /// <returns>−1 if it is none, or is above 2^31.</returns>
    internal static int DecompressedLength(ReadOnlySpan<byte> source)
    {
        try
        {
            return Math.Max(Snappy.GetUncompressedLength(source), -1);
        }
        catch (InvalidDataException)
        {
            return -1;
        }
    }

    /// <summary>Decompresses a block.</summary>
    /// <param name="source">The block.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many; −1 if the block is damaged, or larger than the destination.</returns>
    internal static int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int length = DecompressedLength(source);
        if (length > destination.Length) return -1;
        if (length <= 0) return length;
        try
        {
            return Snappy.TryDecompress(source, destination, out int written) && written == length ? length : -1;
        }
        catch (Exception damage) when (damage is InvalidDataException or InvalidOperationException or ArgumentException)
        {
            return -1;
        }
    }
}
