using System;
using System.IO.Compression;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Codecs;

public class CodecTests
{
    private const int PageBytes = 4096;

    [Fact]
    public void Zlib_reads_pages_of_every_kind_and_refuses_what_is_cut_or_changed()
    {
        using ZlibPage zlib = new();
        Random random = new(1);
        byte[] output = new byte[PageBytes];
        for (int round = 0; round < 60; round++)
        {
            byte[] page = PackedPages.Page(random, round % 6);
            foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
            {
                byte[] packed = PackedPages.Zlib(page, level);
                output.AsSpan().Clear();
                Assert.Equal(PageBytes, zlib.Decompress(packed, output));
                Assert.Equal(page, output);
                Assert.Equal(PageBytes, zlib.Decompress([.. packed, 1, 2, 3], output)); // what follows is not the page's
                Assert.Equal(-1, zlib.Decompress(packed, output.AsSpan(0, PageBytes - 1)));
                for (int cut = 1; cut <= 6; cut++)
                {
                    Assert.Equal(-1, zlib.Decompress(packed.AsSpan(0, packed.Length - cut), output));
                }

                packed[^1] ^= 1;
                Assert.Equal(-1, zlib.Decompress(packed, output));
            }
        }
    }

    [Fact]
    public void Zlib_reads_what_others_wrote()
    {
        using ZlibPage zlib = new();
        byte[] output = new byte[16];
        // "Wikipedia" by zlib's own compress(), and the same as a stored block.
        byte[] packed = Convert.FromHexString("789C0BCFCCCE2C484DC94C040011E60398");
        byte[] stored = Convert.FromHexString("7801010900F6FF57696B69706564696111E60398");
        foreach (byte[] stream in (byte[][])[packed, stored])
        {
            Assert.Equal(9, zlib.Decompress(stream, output));
            Assert.Equal("Wikipedia"u8, output.AsSpan(0, 9));
        }

        Assert.Equal(-1, zlib.Decompress([], output));
        Assert.Equal(-1, zlib.Decompress(packed.AsSpan(0, 2), output));
        Assert.Equal(-1, zlib.Decompress([0x78, 0xBB, 0, 0, 0, 1, .. packed.AsSpan(2)], output)); // wants a dictionary
        Assert.Equal(-1, zlib.Decompress([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], output)); // gzip
    }

    [Fact]
    public void Snappy_reads_literals_and_copies_of_every_form()
    {
        byte[] output = new byte[64];
        // 3 literals, a near copy of 5 at distance 3, a far copy of 4 at distance 8, a copy of 1 at a distance of four bytes
        byte[] block = [13, 2 << 2, (byte)'a', (byte)'b', (byte)'c', ((5 - 4) << 2) | 1, 3, ((4 - 1) << 2) | 2, 8, 0, 3, 1, 0, 0, 0];
        Assert.Equal(13, SnappyBlock.Decompress(block, output));
        Assert.Equal("abcabcababcaa"u8.ToArray(), output[..13]);
        Assert.Equal(13, SnappyBlock.DecompressedLength(block));
        Assert.Equal(-1, SnappyBlock.Decompress(block, output.AsSpan(0, 12)));
        Assert.Equal(-1, SnappyBlock.Decompress(block.AsSpan(0, 8), output));
        Assert.Equal(-1, SnappyBlock.Decompress([5, ((4 - 4) << 2) | 1, 1], output)); // begins before the block
        Assert.Equal(-1, SnappyBlock.Decompress([.. block, 0, 0], output)); // goes on behind its end
        Assert.Equal(-1, SnappyBlock.Decompress([], output));
        Assert.Equal(0, SnappyBlock.Decompress([0], output));
        Assert.Equal(-1, SnappyBlock.Decompress([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0], output)); // says that it has 4 GiB
        Assert.Equal(-1, SnappyBlock.DecompressedLength([0xFF, 0xFF, 0xFF, 0xFF, 0x7F]));
        byte[] literal = [70, 60 << 2, 69, .. new byte[70]];
        Assert.Equal(70, SnappyBlock.Decompress(literal, new byte[70]));
    }

    [Fact]
    public void Lzo_reads_what_is_written_by_hand()
    {
        byte[] output = new byte[PageBytes];
        // four literals, a match of 4092 at distance 4, the end
        byte[] block = LzoBlocks.Periodic("wxyz"u8, PageBytes);
        Assert.Equal(PageBytes, Lzo1x.Decompress(block, output));
        for (int index = 0; index < output.Length; index++)
        {
            Assert.Equal("wxyz"[index % 4], (char)output[index]);
        }

        byte[] plain = PackedPages.Page(new Random(5), 0);
        Assert.Equal(PageBytes, Lzo1x.Decompress(LzoBlocks.Literal(plain), output));
        Assert.Equal(plain, output);
        Assert.Equal(-1, Lzo1x.Decompress(block, output.AsSpan(0, PageBytes - 1)));
        Assert.Equal(-1, Lzo1x.Decompress(block.AsSpan(0, block.Length - 1), output));
        Assert.Equal(-1, Lzo1x.Decompress([], output));
        // The rules' other instructions: a short match behind few literals, one behind many, and one of two bytes with the distance split.
        byte[] mixed = [17 + 4, 1, 2, 3, 4, 0 | (3 << 2) | 1, 0, 9, 64 | (1 << 2) | 0, 0, 17, 0, 0];
        Assert.Equal(-1, Lzo1x.Decompress(mixed, output)); // 2049 bytes back are before the block
        byte[] near = [17 + 4, 1, 2, 3, 4, 64 | (3 << 2) | 1, 0, 9, (0 << 2) | 0, 0, 17, 0, 0];
        Assert.Equal(10, Lzo1x.Decompress(near, output));
        Assert.Equal(new byte[] { 1, 2, 3, 4, 1, 2, 3, 9, 9, 9 }, output[..10]);
    }

    [Theory]
    [InlineData("zlib")]
    [InlineData("lzo")]
    [InlineData("snappy")]
    [InlineData("zstd")]
    public void Decoders_survive_damage_and_write_nowhere_else(string codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Random random = new(9);
        using PageDecoder decoder = new();
        Mutator mutator = new(seed: codec.Length + codec[0]);
        byte[] guarded = new byte[PageBytes + 128];
        int whole = 0;
        int rounds = codec == "zstd" ? 2500 : 14_000;
        for (int round = 0; round < rounds; round++)
        {
            byte[] page = PackedPages.Page(random, round % 6);
            byte[] packed = mutator.Mutate(PackedPages.Of(codec, page), head: 64);
            guarded.AsSpan().Fill(0xA5);
            Span<byte> output = guarded.AsSpan(64, PageBytes);
            int count = Decompress(decoder, codec, packed, output);
            Assert.InRange(count, -1, PageBytes);
            if (count == PageBytes) whole++;
            Assert.False(guarded.AsSpan(0, 64).ContainsAnyExcept((byte)0xA5));
            Assert.False(guarded.AsSpan(64 + PageBytes).ContainsAnyExcept((byte)0xA5));
        }

        Assert.InRange(whole, 1, rounds - 1);
    }

    [Theory]
    [InlineData("zlib", 512)]
    [InlineData("lzo", 0)]
    [InlineData("snappy", 128)]
    [InlineData("zstd", 0)]
    public void A_page_costs_little_memory(string codec, long most)
    {
        byte[] packed = PackedPages.Of(codec, PackedPages.Page(new Random(2), 3));
        byte[] output = new byte[PageBytes];
        using PageDecoder decoder = new();
        Action decompress = () => Assert.True(Decompress(decoder, codec, packed, output) == PageBytes);
        decompress();
        const int Rounds = 200;
        long allocated = Allocations.Least(() => Allocations.Of(() =>
        {
            for (int round = 0; round < Rounds; round++) decompress();
        }));
        Assert.InRange(allocated, 0, most * Rounds);
    }

    [Fact]
    public void A_checksum_is_the_standards()
    {
        // CRC-32C of "123456789" is 0xE3069283, before it is turned and moved.
        Assert.Equal(System.Numerics.BitOperations.RotateRight(0xE306_9283U, 15) + 0xA282_EAD8U, Crc32C.Masked("123456789"u8));
    }

    private static int Decompress(PageDecoder decoder, string codec, ReadOnlySpan<byte> packed, Span<byte> output) => codec switch
    {
        "zlib" => decoder.Zlib(packed, output),
        "lzo" => Lzo1x.Decompress(packed, output),
        "snappy" => SnappyBlock.Decompress(packed, output),
        _ => decoder.Zstd(packed, output),
    };
}
