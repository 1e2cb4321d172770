using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests;

public class ImageFileTests
{
    private static readonly byte[] Plain = InputStreamTests.MakePlain(100_001);

    [Fact]
    public void A_plain_file_is_mapped_and_a_packed_one_decompressed()
    {
        using TemporaryFile plain = new(Plain);
        using TemporaryFile packed = new(Fixture.Gzipped(Plain));
        foreach (TemporaryFile file in new[] { plain, packed })
        {
            using ImageFile image = ImageFile.Open(file.Path);
            Assert.Equal(file == plain, image.Source is PinnedBytes { Memory.IsReadOnly: true });
            Assert.Equal((ulong)Plain.Length, image.Length);
            Assert.Equal(Plain, image.Bytes(0, Plain.Length).ToArray());
            Assert.Null(image.Problem);
            Assert.Equal(file.Path, image.Name);
        }
    }

    [Fact]
    public void A_stream_larger_than_the_first_reservation_is_read_whole()
    {
        byte[] large = new byte[(33 << 20) + 5];
        large[0] = 1;
        large[^1] = 2;
        large[16 << 20] = 3;
        using MemoryStream stream = new(Fixture.Gzipped(large));
        using ImageFile image = ImageFile.Read(stream, "-");
        Assert.Equal((ulong)large.Length, image.Length);
        Assert.True(image.Bytes(0, large.Length).SequenceEqual(large));
    }

    [Fact]
    public void What_is_no_image_is_refused_by_its_beginning()
    {
        byte[] core = new CoreBuilder().Cpu(0x1000).Load(0x1000, new byte[4096]).Build();
        byte[] program = new CoreBuilder { Type = 2 }.Cpu(0x1000).Load(0x1000, new byte[4096]).Build();
        foreach ((byte[] head, string reason) in ((byte[], string)[])[
            ([.. "nothing known"u8], "and what is in it is not a memory image of a known format: it begins with 6E6F7468"),
            (Fixture.Gzipped(core), "is packed with gzip, and what is in it is compressed with gzip: unpack it with 'gzip -d'"),
            ([0x28, 0xB5, 0x2F, 0xFD], "is packed with gzip, and what is in it is compressed with zstd: unpack it with 'zstd -d'"),
            ([0xFD, .. "7zXZ\0"u8], "is packed with gzip, and what is in it is compressed with xz"),
            (program, "the ELF type is 2, not 4 (a core file)"),
            ([.. "KDUMP   "u8], "is a compressed kdump whose block size is 0"),
            ([.. "EMiL"u8, 7], "is a LiME image of version 7"),
        ])
        {
            byte[] plain = new byte[40 << 20];
            new Random(5).NextBytes(plain.AsSpan(0, 4 << 20));
            plain.AsSpan(0, 8192).Clear();
            head.CopyTo(plain, 0);
            using MemoryStream packed = new(Fixture.Gzipped(plain));
            MalformedInputException refusal =
                Assert.Throws<MalformedInputException>(() => MemoryImage.Read(packed, "-", new MemoryImageOptions()));
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
            Assert.InRange(packed.Position, 1, 1 << 20);
        }
    }

    [Fact]
    public void Of_what_is_longer_than_a_raw_table_no_more_is_unpacked()
    {
        byte[] plain = new byte[40 << 20];
        new Random(5).NextBytes(plain.AsSpan(1, 8 << 20));
        using TemporaryFile file = new(Fixture.Gzipped(plain));
        Assert.True(
            ContiguousGeometry.TryCreate(PhysicalAddress.Create(0), PhysicalAddress.Create(0x5FFF), out ContiguousGeometry place, out _));
        MalformedInputException refusal =
            Assert.Throws<MalformedInputException>(() => Rmp(file.Path, place));
        Assert.Contains("as a raw RMP it would have 0x6000 bytes (0x0 to 0x5fff), not 0x", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(" and more", refusal.Message, StringComparison.Ordinal);
    }

    private static void Rmp(string path, in ContiguousGeometry place)
    {
        using RmpImage image = RmpImage.Open(path, new RmpGeometry(place));
    }

    [Fact]
    public void An_empty_file_is_malformed_plain_or_packed()
    {
        using TemporaryFile plain = new([]);
        using TemporaryFile packed = new(Fixture.Gzipped([]));
        Assert.Equal(
            $"{plain.Path}: at offset 0x0: the file is empty",
            Assert.Throws<MalformedInputException>(() => ImageFile.Open(plain.Path)).Message);
        Assert.Equal(
            $"{packed.Path}: at offset 0x0: the file is empty",
            Assert.Throws<MalformedInputException>(() => ImageFile.Open(packed.Path)).Message);
    }

    [Fact]
    public void A_cut_packed_image_keeps_what_was_decompressed()
    {
        byte[] packed = Fixture.Gzipped(Plain);
        using MemoryStream half = new(packed[..(packed.Length / 2)]);
        using ImageFile image = ImageFile.Read(half, "-");
        Assert.NotEqual(0UL, image.Length);
        Assert.Equal(image.Length, image.Problem?.Offset);
        Assert.Equal(Plain[..(int)image.Length], image.Bytes(0, (int)image.Length).ToArray());
        Assert.Throws<MalformedInputException>(() => ImageFile.Read(new MemoryStream(packed[..9]), "-"));
    }

    [Fact]
    public void Bytes_outside_the_image_are_refused_without_overflow()
    {
        using ImageFile image = ImageFile.Read(new MemoryStream(Plain), "-");
        Assert.True(image.Contains((ulong)Plain.Length, 0));
        Assert.False(image.Contains((ulong)Plain.Length, 1));
        Assert.False(image.Contains(ulong.MaxValue, 2));
        Assert.False(image.Contains(2, ulong.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Bytes(ulong.MaxValue - 3, 8).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Bytes(0, -1).Length);
    }
}
