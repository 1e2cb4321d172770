using System;
using System.Buffers.Binary;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>A bit for each page frame, and how many bits are set before each block of 1024: which page a descriptor is for.</summary>
/// <remarks>The bits stay where they are if they lie in memory; else they are copied.</remarks>
internal sealed class PageBitmap
{
    private const int BlockBits = 1024;
    private const int BlockBytes = BlockBits / 8;

    private readonly ByteSource? _source;
    private readonly ulong _at;
    private readonly byte[] _copy = [];
    private readonly ulong[] _before;

    private PageBitmap(ByteSource? source, ulong at, byte[] copy, ulong pages)
    {
        _source = source;
        _at = at;
        _copy = copy;
        Pages = pages;
        ulong blocks = (pages + BlockBits - 1) / BlockBits;
        _before = new ulong[blocks + 1];
        for (ulong block = 0; block < blocks; block++)
        {
            ulong first = block * BlockBits;
            _before[block + 1] = _before[block] + Count(Bytes(block), (int)Math.Min(BlockBits, pages - first));
        }
    }

    /// <summary>Pages that there is a bit for.</summary>
    internal ulong Pages { get; }

    /// <summary>Bits that are set.</summary>
    internal ulong Set => _before[^1];

    /// <summary>Reads a bitmap.</summary>
    /// <param name="source">The file; it holds the whole bitmap.</param>
    /// <param name="at">Where the bitmap begins.</param>
    /// <param name="pages">How many bits count.</param>
    internal static PageBitmap Read(ByteSource source, ulong at, ulong pages)
    {
        ulong bytes = (pages + 7) / 8;
        if (bytes <= int.MaxValue && source.TrySpan(at, (int)bytes, out _)) return new PageBitmap(source, at, [], pages);
        byte[] copy = new byte[Math.Min(bytes, int.MaxValue / 2)];
        pages = Math.Min(pages, (ulong)copy.Length * 8);
        for (int done = 0; done < copy.Length;)
        {
            int count = source.Read(at + (uint)done, copy.AsSpan(done, Math.Min(copy.Length - done, 1 << 20)));
            if (count == 0) break;
            done += count;
        }

        return new PageBitmap(null, 0, copy, pages);
    }

    /// <summary>Whether a page's bit is set; false for pages that have none.</summary>
    internal bool Has(ulong page)
    {
        if (page >= Pages) return false;
        ReadOnlySpan<byte> block = Bytes(page / BlockBits);
        int bit = (int)(page % BlockBits);
        return ((block[bit / 8] >> (bit % 8)) & 1) != 0;
    }

    /// <summary>How many bits are set before a page's.</summary>
    internal ulong CountBefore(ulong page)
    {
        if (page >= Pages) return Set;
        return _before[page / BlockBits] + Count(Bytes(page / BlockBits), (int)(page % BlockBits));
    }

    /// <summary>The first page at or above one whose bit is as asked for; <see cref="Pages"/> if there is none.</summary>
    internal ulong Next(ulong page, bool isSet)
    {
        while (page < Pages)
        {
            ulong block = page / BlockBits;
            ulong inBlock = _before[block + 1] - _before[block];
            ulong size = Math.Min(BlockBits, Pages - (block * BlockBits));
            if (inBlock == (isSet ? 0 : size))
            {
                page = (block + 1) * BlockBits;
                continue;
            }

            ReadOnlySpan<byte> bytes = Bytes(block);
            ulong end = (block * BlockBits) + size;
            for (; page < end; page++)
            {
                int bit = (int)(page % BlockBits);
                byte part = bytes[bit / 8];
                if (bit % 8 == 0 && page + 8 <= end && part == (isSet ? 0 : 0xFF)) page += 7;
                else if (((part >> (bit % 8)) & 1) == (isSet ? 1 : 0)) return page;
            }
        }

        return Pages;
    }

    private ReadOnlySpan<byte> Bytes(ulong block)
    {
        ulong first = block * BlockBytes;
        int count = (int)Math.Min(BlockBytes, ((Pages + 7) / 8) - first);
        if (_source is null) return _copy.AsSpan((int)first, count);
        _ = _source.TrySpan(_at + first, count, out ReadOnlySpan<byte> bytes);
        return bytes;
    }

    private static ulong Count(ReadOnlySpan<byte> bytes, int bits)
    {
        ulong count = 0;
        for (; bits >= 64; bits -= 64)
        {
            count += (uint)BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        for (int index = 0; bits > 0; index++, bits -= 8)
        {
            uint part = bits >= 8 ? bytes[index] : bytes[index] & ((1U << bits) - 1);
            count += (uint)BitOperations.PopCount(part);
        }

        return count;
    }
}
