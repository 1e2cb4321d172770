using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Codecs;

namespace FastRmp.Images.Tests.Formats;

/// <summary>Writes small compressed kdumps.</summary>
internal sealed class KdumpBuilder
{
    private const int Block = 4096;
    private readonly SortedDictionary<int, (byte[] Page, string Codec)> _pages = [];

    internal int Pages { get; set; } = 64;

    internal uint Status { get; set; }

    /// <summary>Whether the header has the kernel's names.</summary>
    internal bool IsNamed { get; set; } = true;

    internal string Machine { get; set; } = "x86_64";

    internal int DumpLevel { get; set; } = 31;

    internal (ulong First, ulong End)? Split { get; set; }

    internal byte[] Notes { get; set; } = [];

    internal byte[] VmCoreInfo { get; set; } = [];

    /// <summary>Pages that the machine has and the dump does not.</summary>
    internal List<int> Excluded { get; } = [];

    internal KdumpBuilder Add(int number, byte[] page, string codec)
    {
        _pages[number] = (page, codec);
        return this;
    }

    internal byte[] Build()
    {
        byte[] head = new byte[2 * Block];
        "KDUMP   "u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), 6);
        if (IsNamed)
        {
            "Linux"u8.CopyTo(head.AsSpan(12));
            "6.1.0-test"u8.CopyTo(head.AsSpan(12 + 130));
        }

        System.Text.Encoding.ASCII.GetBytes(Machine).CopyTo(head.AsSpan(12 + 260));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(424), Status);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(428), Block);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(432), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(436), 2);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(440), Pages);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(460), 1);
        Span<byte> sub = head.AsSpan(Block);
        BinaryPrimitives.WriteInt32LittleEndian(sub[8..], DumpLevel);
        BinaryPrimitives.WriteInt64LittleEndian(sub[96..], Pages);
        if (Split is { } split)
        {
            BinaryPrimitives.WriteInt32LittleEndian(sub[12..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(sub[80..], split.First);
            BinaryPrimitives.WriteUInt64LittleEndian(sub[88..], split.End);
        }

        byte[] bitmaps = new byte[2 * Block];
        List<int> stored = [];
        foreach (int number in _pages.Keys)
        {
            bitmaps[number / 8] |= (byte)(1 << (number % 8));
            bitmaps[Block + (number / 8)] |= (byte)(1 << (number % 8));
            if (Split is not { } part || ((ulong)number >= part.First && (ulong)number < part.End)) stored.Add(number);
        }

        foreach (int number in Excluded)
        {
            bitmaps[number / 8] |= (byte)(1 << (number % 8));
        }

        using MemoryStream data = new();
        ulong dataAt = (4 * Block) + ((ulong)stored.Count * 24);
        byte[] descriptors = new byte[stored.Count * 24];
        for (int index = 0; index < stored.Count; index++)
        {
            (byte[] page, string codec) = _pages[stored[index]];
            byte[] packed = codec.Length == 0 ? page : PackedPages.Of(codec, page);
            BinaryPrimitives.WriteUInt64LittleEndian(descriptors.AsSpan(index * 24), dataAt + (ulong)data.Length);
            BinaryPrimitives.WriteInt32LittleEndian(descriptors.AsSpan((index * 24) + 8), packed.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(descriptors.AsSpan((index * 24) + 12), Flag(codec));
            data.Write(packed);
        }

        ulong notesAt = dataAt + (ulong)data.Length;
        data.Write(Notes);
        data.Write(VmCoreInfo);
        if (Notes.Length != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(sub[48..], notesAt);
            BinaryPrimitives.WriteInt64LittleEndian(sub[56..], Notes.Length);
        }

        if (VmCoreInfo.Length != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(sub[32..], notesAt + (ulong)Notes.Length);
            BinaryPrimitives.WriteInt64LittleEndian(sub[40..], VmCoreInfo.Length);
        }

        return [.. head, .. bitmaps, .. descriptors, .. data.ToArray()];
    }

    /// <summary>The flattened form of a file, written backwards in pieces, the first of them twice.</summary>
    internal static byte[] Flatten(ReadOnlySpan<byte> file, int pieces)
    {
        byte[] head = new byte[Block];
        "makedumpfile"u8.CopyTo(head);
        head[23] = 1;
        head[31] = 1;
        using MemoryStream flat = new();
        flat.Write(head);
        int size = (file.Length + pieces - 1) / pieces;
        Record(flat, 0, new byte[Math.Min(size, file.Length)]);
        for (int piece = pieces - 1; piece >= 0; piece--)
        {
            int start = piece * size;
            if (start < file.Length) Record(flat, start, file[start..Math.Min(start + size, file.Length)]);
        }

        Span<byte> end = stackalloc byte[16];
        end.Fill(0xFF);
        flat.Write(end);
        return flat.ToArray();
    }

    private static void Record(MemoryStream flat, long offset, ReadOnlySpan<byte> bytes)
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(header, offset);
        BinaryPrimitives.WriteInt64BigEndian(header[8..], bytes.Length);
        flat.Write(header);
        flat.Write(bytes);
    }

    private static uint Flag(string codec) => codec switch { "zlib" => 1, "lzo" => 2, "snappy" => 4, "zstd" => 0x20, _ => 0 };
}
