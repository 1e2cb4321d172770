using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace FastRmp.Benchmarks.Data;

/// <summary>A compressed kdump in a temporary file, as makedumpfile writes it with zlib.</summary>
internal sealed class KdumpFile : IDisposable
{
    private const int Block = 4096;
    private const int Descriptor = 24;
    private const uint ZlibFlag = 1;

    /// <summary>Writes pages of a core's memory; the rest of its RAM is left out.</summary>
    /// <param name="core">The core.</param>
    /// <param name="pages">Addresses of the pages, in order.</param>
    internal unsafe KdumpFile(CoreFile core, IReadOnlyCollection<ulong> pages)
    {
        ulong count = CoreFile.RamEnd / Block;
        byte[] known = Bitmap(count);
        byte[] dumped = Bitmap(count);
        for (ulong page = 0; page < count; page++)
        {
            if (CoreFile.IsRam(page * Block)) known[page / 8] |= (byte)(1 << (int)(page % 8));
        }

        using MemoryStream data = new();
        byte[] descriptors = new byte[pages.Count * Descriptor];
        ulong dataAt = (2 * Block) + (2 * (ulong)known.Length) + (ulong)descriptors.Length;
        Span<byte> next = descriptors;
        foreach (ulong page in pages)
        {
            dumped[page / Block / 8] |= (byte)(1 << (int)(page / Block % 8));
            BinaryPrimitives.WriteUInt64LittleEndian(next, dataAt + (ulong)data.Length);
            long before = data.Length;
            using (ZLibStream packed = new(data, CompressionLevel.Fastest, leaveOpen: true))
            {
                packed.Write(new ReadOnlySpan<byte>(core.Zero + page, Block));
            }

            BinaryPrimitives.WriteInt32LittleEndian(next[8..], (int)(data.Length - before));
            BinaryPrimitives.WriteUInt32LittleEndian(next[12..], ZlibFlag);
            next = next[Descriptor..];
        }

        Path = System.IO.Path.GetTempFileName();
        using FileStream file = File.Open(Path, FileMode.Truncate);
        file.Write(Headers(count, known.Length));
        file.Write(known);
        file.Write(dumped);
        file.Write(descriptors);
        data.WriteTo(file);
    }

    /// <summary>Makes a dump of many pages, half of which it has: headers and bitmaps alone.</summary>
    /// <param name="memoryBytes">The machine's memory.</param>
    internal KdumpFile(ulong memoryBytes)
    {
        byte[] bitmap = Bitmap(memoryBytes / Block);
        bitmap.AsSpan().Fill(0xFF);
        Path = System.IO.Path.GetTempFileName();
        using FileStream file = File.Open(Path, FileMode.Truncate);
        file.Write(Headers(memoryBytes / Block, bitmap.Length));
        file.Write(bitmap);
        new Random(5).NextBytes(bitmap);
        file.Write(bitmap);
        BitmapAt = 2 * Block;
        BitmapBytes = (ulong)bitmap.Length;
    }

    internal string Path { get; }

    /// <summary>Where the first of the two bitmaps is.</summary>
    internal ulong BitmapAt { get; }

    /// <summary>The size of one.</summary>
    internal ulong BitmapBytes { get; }

    public void Dispose() => File.Delete(Path);

    private static byte[] Bitmap(ulong pages) => new byte[((pages / 8) + Block - 1) / Block * Block];

    private static byte[] Headers(ulong pages, int bitmapBytes)
    {
        byte[] head = new byte[2 * Block];
        "KDUMP   "u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), 6);
        "x86_64"u8.CopyTo(head.AsSpan(272));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(428), Block);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(432), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(436), 2 * bitmapBytes / Block);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(440), (uint)Math.Min(pages, uint.MaxValue));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(460), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(Block + 8), 31);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(Block + 96), pages);
        return head;
    }
}
