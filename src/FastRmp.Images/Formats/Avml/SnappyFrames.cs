using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Walks the chunks of Snappy's framing format.</summary>
/// <remarks>A chunk: a byte of type, three of length, then the data. Types 0 and 1 are data with a checksum before it, 0xFF begins a
/// stream, 0x80 and above are passed over. Source: google/snappy framing_format.txt.</remarks>
internal static class SnappyFrames
{
    /// <summary>The most that a chunk may hold.</summary>
    internal const int MaxChunkBytes = 64 << 10;

    private const int HeaderBytes = 4;
    private const int ChecksumBytes = 4;
    private const int LengthBytes = 5;
    private const byte Compressed = 0;
    private const byte Plain = 1;
    private const byte FirstPassedOver = 0x80;

    /// <summary>Walks chunks until they hold as many bytes as the range has, or until they end.</summary>
    /// <param name="source">The file.</param>
    /// <param name="at">Where the first chunk begins.</param>
    /// <param name="end">Where the last ends at the latest.</param>
    /// <param name="start">The range's first address.</param>
    /// <param name="length">The range's length.</param>
    /// <param name="chunks">Receives them; null if only the end is wanted.</param>
    /// <param name="next">Where the walk ended.</param>
    /// <returns>How many bytes of the range the chunks hold.</returns>
    internal static ulong Walk(
        ByteSource source, ulong at, ulong end, ulong start, ulong length, List<AvmlChunk>? chunks, out ulong next)
    {
        Span<byte> header = stackalloc byte[HeaderBytes + ChecksumBytes + LengthBytes];
        ulong done = 0;
        while (done < length && at < end)
        {
            int read = source.Read(at, header);
            if (read < HeaderBytes) break;
            int size = header[1] | (header[2] << 8) | (header[3] << 16);
            if ((ulong)size > end - at - HeaderBytes) break;
            byte type = header[0];
            if (type is Compressed or Plain)
            {
                if (size < ChecksumBytes) break;
                int held = type == Plain ? size - ChecksumBytes
                    : SnappyBlock.DecompressedLength(header[(HeaderBytes + ChecksumBytes)..Math.Min(read, HeaderBytes + size)]);
                if (held is < 0 or > MaxChunkBytes || (ulong)held > length - done) break;
                if (held != 0) chunks?.Add(new AvmlChunk(at + HeaderBytes, size, type == Compressed, start + done, held));
                done += (ulong)held;
            }
            else if (type < FirstPassedOver)
            {
                break; // a kind that must be understood
            }

            at += HeaderBytes + (ulong)size;
        }

        next = at;
        return done;
    }

    /// <summary>Decompresses a chunk.</summary>
    /// <returns>Whether it is whole, and its checksum right.</returns>
    internal static bool TryDecompress(ReadOnlySpan<byte> data, in AvmlChunk chunk, Span<byte> destination)
    {
        ReadOnlySpan<byte> body = data[ChecksumBytes..];
        if (chunk.IsCompressed)
        {
            if (SnappyBlock.Decompress(body, destination) != chunk.Length) return false;
        }
        else
        {
            body.CopyTo(destination);
        }

        return Crc32C.Masked(destination[..chunk.Length]) == System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(data);
    }
}
