using System;
using System.Buffers.Binary;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>Damaged images of every format give a result or a refusal that names the file: no other exception, no endless work, no byte
/// from outside.</summary>
public class FormatMutationTests
{
    public static TheoryData<string, int, int> Kinds => new()
    {
        { "kdump", 12_000, 4 * 4096 },
        { "flattened", 8_000, 0x1100 },
        { "flattened elf", 5_000, 0x1200 },
        { "lime", 10_000, 64 },
        { "avml", 8_000, 96 },
        { "virtualbox", 5_000, 400 },
        { "excluded", 5_000, 400 },
        { "xen", 5_000, 400 },
        { "raw", 2_000, 64 },
        { "zstd", 1_500, 64 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damage_gives_a_result_or_a_refusal(string kind, int rounds, int head)
    {
        ArgumentNullException.ThrowIfNull(kind);
        byte[] original = SmallImages.Of(kind);
        MemoryImageOptions? options = kind == "raw" ? new MemoryImageOptions { Ram = SharedImages.Parsed("1000-4fff,8000-8fff") } : null;
        Assert.True(Survives(original, options));
        Mutator mutator = new(seed: 77 + kind.Length);
        int opened = 0;
        for (int round = 0; round < rounds; round++)
        {
            if (Survives(mutator.Mutate(original, head), options)) opened++;
        }

        Assert.InRange(opened, 1, rounds);
    }

    [Fact]
    public void Layouts_and_listings_in_words_survive_damage()
    {
        Mutator mutator = new(seed: 5);
        byte[] original = [.. "0-7ffffff@0,100000000-107ffffff@8000000"u8];
        int parsed = 0;
        for (int round = 0; round < 20_000; round++)
        {
            if (RamLayout.TryParse(System.Text.Encoding.Latin1.GetString(mutator.Mutate(original, original.Length)), out _)) parsed++;
        }

        Assert.InRange(parsed, 1, 19_999);
    }

    [Fact]
    public void A_flattened_file_that_speaks_of_huge_offsets_allocates_little()
    {
        byte[] dump = new KdumpBuilder().Add(1, new byte[4096], "lzo").Build();
        BinaryPrimitives.WriteUInt32LittleEndian(dump.AsSpan(436), uint.MaxValue); // bitmaps of 16 TiB
        BinaryPrimitives.WriteUInt64LittleEndian(dump.AsSpan(4096 + 96), 1UL << 40);
        byte[] flat = KdumpBuilder.Flatten(dump, 3);
        byte[] far = new byte[16 + 16];
        BinaryPrimitives.WriteInt64BigEndian(far, long.MaxValue - 16);
        BinaryPrimitives.WriteInt64BigEndian(far.AsSpan(8), 16);
        Assert.Throws<MalformedInputException>(() => Open([.. flat[..^16], .. far, .. flat[^16..]], null));
    }

    [Fact]
    public void What_unpacks_to_too_much_is_refused_and_zeros_cost_nothing()
    {
        using ZstdSharp.Compressor compressor = new(1);
        byte[] full = new byte[8 << 20];
        full.AsSpan().Fill(0x41);
        byte[] bomb = compressor.Wrap(full).ToArray();
        MemoryImageOptions limit = new() { MaxUnpackedBytes = 1 << 20, Ram = SharedImages.Parsed("0-7fffff") };
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(() => Open(bomb, limit));
        Assert.Contains(
            "more than the 1 MiB that are unpacked into memory; unpack it with 'zstd -d' first", refusal.Message, StringComparison.Ordinal);
        MalformedInputException gzip = Assert.Throws<MalformedInputException>(() => Open(Fixture.Gzipped(full), limit));
        Assert.Contains("'gzip -d'", gzip.Message, StringComparison.Ordinal);
        full.AsSpan().Clear();
        full[^1] = 1;
        using MemoryImage zeros = Open(compressor.Wrap(full).ToArray(), limit);
        byte[] last = new byte[1];
        Assert.Equal(1, zeros.Memory.Read(PhysicalAddress.Create((8 << 20) - 1), last));
        Assert.Equal(1, last[0]);
    }

    [Fact]
    public void A_cut_or_damaged_zstd_file_keeps_what_came_before()
    {
        using ZstdSharp.Compressor compressor = new(1);
        byte[] content = new byte[1 << 20];
        new Random(8).NextBytes(content);
        byte[] packed = compressor.Wrap(content).ToArray();
        using MemoryImage cut = Open(packed[..(packed.Length / 2)], new MemoryImageOptions { Ram = SharedImages.Parsed("0-fffff") });
        Assert.Contains("the zstd data is cut short", cut.Problems.First[0].ToString(), StringComparison.Ordinal);
        byte[] page = new byte[4096];
        Assert.Equal(page.Length, cut.Memory.Read(PhysicalAddress.Create(0), page));
        Assert.Equal(content[..4096], page);
        Assert.Equal(ImagePageStatus.Lost, cut.Memory.StatusOf(PhysicalAddress.Create(0xF_F000)));
        Assert.Throws<MalformedInputException>(() => Open([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0], null));
    }

    private static MemoryImage Open(byte[] file, MemoryImageOptions? options) =>
        MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "in", options?.MaxUnpackedBytes), options);

    private static bool Survives(byte[] file, MemoryImageOptions? options)
    {
        try
        {
            using MemoryImage image = Open(file, options);
            Look(image);
            return true;
        }
        catch (MalformedInputException refusal)
        {
            Assert.StartsWith("in: ", refusal.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static void Look(MemoryImage image)
    {
        Span<byte> bytes = stackalloc byte[256];
        ImageMemoryView view = image.Memory.View();
        ulong at = 0;
        for (int count = 0; count < 8 && PhysicalAddress.TryCreate(at, out PhysicalAddress from); count++)
        {
            if (!image.Memory.TryNextRange(from, out PhysicalRange range)) break;
            Assert.True(range.Start >= from && range.Length != 0 && range.End <= 1UL << 52);
            _ = view.TryRead(PhysicalAddress.Truncate(range.Start.Value & ~7UL), out _);
            _ = image.Memory.Read(range.Start, bytes);
            _ = view.TryRead(PhysicalAddress.Truncate((range.End - 1) & ~7UL), out _);
            _ = image.Memory.StatusOf(PhysicalAddress.Truncate(range.End - 1));
            at = range.End;
        }

        _ = image.Memory.TryNextKnownRange(default, out _);
        if (image.VmCoreInfo is { } notes) _ = KernelNotes.TryGetRoot(notes, out _, out _);
        foreach (CpuState cpu in image.Cpus)
        {
            _ = cpu.Control.Cr3.Value;
        }
    }
}
