using System;
using System.IO;
using System.IO.Compression;

namespace FastRmp.Images.Tests.Codecs;

/// <summary>Pages, plain and compressed.</summary>
internal static class PackedPages
{
    private const int PageBytes = 4096;

    /// <summary>A page of one of six kinds, from noise to zeros.</summary>
    internal static byte[] Page(Random random, int kind)
    {
        byte[] page = new byte[PageBytes];
        switch (kind)
        {
            case 0:
                random.NextBytes(page);
                break;
            case 1:
                break;
            case 2:
                page.AsSpan().Fill((byte)random.Next(256));
                break;
            case 3:
                for (int index = 0; index < page.Length; index += 8)
                {
                    BitConverter.TryWriteBytes(page.AsSpan(index), ((ulong)random.Next(1 << 14) << 12) | 0x8000_0000_0000_0063UL);
                }

                break;
            case 4:
                for (int index = 0; index < page.Length; index++)
                {
                    page[index] = (byte)('a' + (random.Next(100) < 70 ? index % 7 : random.Next(26)));
                }

                break;
            default:
                random.NextBytes(page.AsSpan(0, random.Next(PageBytes)));
                break;
        }

        return page;
    }

    /// <summary>A page, compressed as a dump has it.</summary>
    internal static byte[] Of(string codec, byte[] page)
    {
        switch (codec)
        {
            case "zlib":
                return Zlib(page, CompressionLevel.Fastest);
            case "lzo":
                return page.AsSpan().SequenceEqual(LzoBlocks.Repeat(page.AsSpan(0, 4), page.Length))
                    ? LzoBlocks.Periodic(page.AsSpan(0, 4), page.Length) : LzoBlocks.Literal(page);
            case "snappy":
                return Snappier.Snappy.CompressToArray(page);
            default:
                using (ZstdSharp.Compressor compressor = new(1))
                {
                    return compressor.Wrap(page).ToArray();
                }
        }
    }

    internal static byte[] Zlib(byte[] page, CompressionLevel level)
    {
        using MemoryStream packed = new();
        using (ZLibStream stream = new(packed, level, leaveOpen: true))
        {
            stream.Write(page);
        }

        return packed.ToArray();
    }
}
