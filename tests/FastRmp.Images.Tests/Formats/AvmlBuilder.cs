using System;
using System.Buffers.Binary;
using System.IO;

namespace FastRmp.Images.Tests.Formats;

/// <summary>Writes small AVML images of version 2.</summary>
internal static class AvmlBuilder
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>What an image holds at an address: never zero, and never the same for long.</summary>
    internal static byte[] Content(ulong start, int length)
    {
        byte[] bytes = new byte[length];
        for (int index = 0; index < length; index++)
        {
            bytes[index] = (byte)(((start + (ulong)index) % 251) + 1);
        }

        return bytes;
    }

    internal static byte[] Image(params (ulong Start, int Length)[] ranges)
    {
        using MemoryStream file = new();
        byte[] trailer = new byte[8];
        foreach ((ulong start, int length) in ranges)
        {
            byte[] header = new byte[32];
            "AVML"u8.CopyTo(header);
            header[4] = 2;
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), start);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), start + (ulong)length - 1);
            file.Write(header);
            byte[] frames = Frames(Content(start, length));
            file.Write(frames);
            BinaryPrimitives.WriteInt64LittleEndian(trailer, frames.Length);
            file.Write(trailer);
        }

        return file.ToArray();
    }

    // The first chunk of each stream is stored plain, the others as literals of a Snappy block.
    private static byte[] Frames(byte[] content)
    {
        using MemoryStream frames = new();
        frames.Write([0xFF, 6, 0, 0, .. "sNaPpY"u8]);
        Span<byte> checksum = stackalloc byte[4];
        for (int at = 0; at < content.Length; at += ChunkBytes)
        {
            ReadOnlySpan<byte> chunk = content.AsSpan(at, Math.Min(ChunkBytes, content.Length - at));
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Masked(chunk));
            byte[] body = at == 0 ? chunk.ToArray() : Block(chunk);
            int size = body.Length + 4;
            frames.Write([at == 0 ? (byte)1 : (byte)0, (byte)size, (byte)(size >> 8), (byte)(size >> 16), .. checksum]);
            frames.Write(body);
        }

        return frames.ToArray();
    }

    private static byte[] Block(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream block = new();
        uint length = (uint)bytes.Length;
        for (; length >= 0x80; length >>= 7)
        {
            block.WriteByte((byte)(length | 0x80));
        }

        block.WriteByte((byte)length);
        block.Write([62 << 2, (byte)(bytes.Length - 1), (byte)((bytes.Length - 1) >> 8), (byte)((bytes.Length - 1) >> 16)]);
        block.Write(bytes);
        return block.ToArray();
    }
}
