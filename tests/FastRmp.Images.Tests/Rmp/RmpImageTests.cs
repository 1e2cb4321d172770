using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

public class RmpImageTests
{
    private const ulong Base = 0x10_0000;
    private const int RegionBytes = 0x2000;
    private const int Regions = 4;

    private static RmpGeometry Geometry =>
        new(new ContiguousGeometry(PhysicalAddress.Create(Base), PhysicalAddress.Create(Base + 0x4000 + (Regions * RegionBytes) - 1)));

    [Fact]
    public void A_raw_file_is_the_table_itself()
    {
        using RmpImage image = Read(Table());
        Assert.False(image.IsMemoryImage);
        Assert.False(image.Problems.Any);
        Assert.Equal([(0UL, Regions * 512)], Pieces(image, out ulong absent));
        Assert.Equal(0UL, absent);
        ulong[] counters = new ulong[2048];
        Assert.True(image.TryReadCounters(counters));
        Assert.Equal(0x77UL, counters[5]);
    }

    [Fact]
    public void Entries_stand_where_their_pages_are()
    {
        using RmpImage image = Read(Table());
        Assert.True(image.Entries().TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries));
        for (int i = 0; i < entries.Length; i++)
        {
            Assert.Equal(new RmpEntry((ulong)i, ~(ulong)i), entries[i]);
        }

        Assert.Equal(default, start);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(RegionBytes)]
    public void A_raw_file_that_is_too_large_is_refused(int more)
    {
        byte[] table = Table();
        Array.Resize(ref table, table.Length + more);
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(() => Read(table));
        Assert.Contains(
            "as a raw RMP it would have 0xc000 bytes (0x100000 to 0x10bfff), not 0x", refusal.Message, StringComparison.Ordinal);
    }

    // An entry is cut, a region after a whole entry, nothing but a whole region is lost, the first region is, and the counters are.
    [Theory]
    [InlineData(0xBFFF, 3)]
    [InlineData(0xBFF8, 3)]
    [InlineData(0xA010, 3)]
    [InlineData(0xA000, 3)]
    [InlineData(0x9FF0, 2)]
    [InlineData(0x5FFF, 0)]
    [InlineData(0x4000, 0)]
    [InlineData(0x3FFF, 0)]
    [InlineData(1, 0)]
    public void A_raw_file_that_is_cut_keeps_its_whole_regions(int length, int regions)
    {
        using RmpImage image = Read(Table().AsSpan(0, length).ToArray());
        InputProblem problem = Assert.Single(image.Problems.First.ToArray());
        Assert.Equal((ulong)length, problem.Offset);
        Assert.EndsWith(
            FormattableString.Invariant($"as a raw RMP it would have 0xc000 bytes (0x100000 to 0x10bfff), not 0x{length:x}"),
            problem.Reason, StringComparison.Ordinal);
        (ulong, int)[] pieces = regions == 0 ? [] : [(0UL, regions * 512)];
        RmpEntryReader reader = image.Entries();
        Assert.Equal(pieces, Pieces(reader));
        Assert.Equal((ulong)(Regions - regions) * 512, reader.AbsentPages);
        Assert.Equal((ulong)regions << 21, reader.FirstAbsentPage.Value);
        Assert.Equal(length >= 0x4000, image.TryReadCounters(new ulong[2048]));
    }

    [Fact]
    public void A_core_holds_the_table_at_its_physical_address()
    {
        using RmpImage image = Read(new CoreBuilder().Load(0x1000, new byte[0x1000]).Load(Base, Table()).Build());
        Assert.True(image.IsMemoryImage);
        Assert.Equal([(0UL, Regions * 512)], Pieces(image, out ulong absent));
        Assert.Equal(0UL, absent);
    }

    [Fact]
    public void Regions_that_are_spread_over_segments_are_put_together()
    {
        byte[] table = Table();
        CoreBuilder core = new();
        foreach ((
            int start, int end) in new[] { (0, 0x4000 + 0x1000), (0x4000 + 0x1000, 0x4000 + 0x3008), (0x4000 + 0x3008, table.Length) })
        {
            // Pieces stand in the file in another order and with gaps: they are not adjacent there.
            core.Load(Base + (ulong)start, table[start..end]).Load(0x8000_0000 + ((ulong)start << 8), new byte[0x10]);
        }

        using RmpImage image = Read(core.Build());
        List<RmpEntry> all = [];
        RmpEntryReader reader = image.Entries();
        while (reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries))
        {
            Assert.Equal((ulong)all.Count << 12, start.Value);
            all.AddRange(entries);
        }

        Assert.Equal(Regions * 512, all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            Assert.Equal(new RmpEntry((ulong)i, ~(ulong)i), all[i]);
        }
    }

    [Fact]
    public void Regions_that_are_not_there_whole_are_skipped()
    {
        byte[] table = Table();
        using RmpImage image = Read(
            new CoreBuilder().Load(Base + 0x4000 + 0x1000, table.AsSpan(0x4000 + 0x1000, 0x3010).ToArray()).Build());
        Assert.Equal([(0x20_0000UL, 512)], Pieces(image, out ulong absent));
        Assert.Equal(3UL * 512, absent);
        Assert.False(image.TryReadCounters(new ulong[2048]));
    }

    [Fact]
    public void A_table_of_petabytes_that_is_not_there_costs_no_time()
    {
        RmpGeometry vast = new(new ContiguousGeometry(PhysicalAddress.Create(0), PhysicalAddress.Create((1UL << 44) - 1)));
        using RmpImage image = RmpImage.Read(
            Image(new CoreBuilder().Load(0x4000, new byte[RegionBytes]).Load(0xFFF_0000_0000, new byte[2 * RegionBytes]).Build()), vast);
        Assert.Equal([(0UL, 512), ((0xFFF_0000_0000UL - 0x4000) << 8, 1024)], Pieces(image, out ulong absent));
        Assert.Equal(vast.CoveredPages - 1536, absent);
    }

    [Fact]
    public void A_cut_gzip_file_keeps_its_beginning()
    {
        byte[] random = new byte[Table().Length];
        new Random(3).NextBytes(random); // does not shrink, so that the cut is inside
        byte[] packed = Fixture.Gzipped(random);
        using RmpImage image = Read(packed.AsSpan(0, packed.Length / 2).ToArray());
        Assert.True(image.Problems.Any);
        Assert.NotEmpty(Pieces(image, out ulong absent));
        Assert.NotEqual(0UL, absent);
    }

    [Fact]
    public void An_ELF_file_that_is_no_core_is_refused() =>
        Assert.Throws<MalformedInputException>(() => Read([0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1]));

    [Fact]
    public void Damaged_cores_end_in_entries_or_a_message()
    {
        byte[] core = new CoreBuilder().Load(Base, Table()).Build();
        Mutator mutator = new(9);
        for (int round = 0; round < 200; round++)
        {
            try
            {
                using RmpImage image = Read(mutator.Mutate(core, 200));
                Pieces(image, out _);
            }
            catch (MalformedInputException)
            {
                // A message is one of the two ways to end.
            }
        }
    }

    private static byte[] Table()
    {
        byte[] table = new byte[0x4000 + (Regions * RegionBytes)];
        BitConverter.TryWriteBytes(table.AsSpan(5 * 8), 0x77UL);
        for (int i = 0; i < Regions * 512; i++)
        {
            BitConverter.TryWriteBytes(table.AsSpan(0x4000 + (16 * i)), (ulong)i);
            BitConverter.TryWriteBytes(table.AsSpan(0x4008 + (16 * i)), ~(ulong)i);
        }

        return table;
    }

    private static RmpImage Read(byte[] bytes) => RmpImage.Read(Image(bytes), Geometry);

    private static ImageFile Image(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return ImageFile.Read(stream, "image");
    }

    private static List<(ulong Start, int Entries)> Pieces(RmpImage image, out ulong absent)
    {
        RmpEntryReader reader = image.Entries();
        List<(ulong Start, int Entries)> pieces = Pieces(reader);
        absent = reader.AbsentPages;
        return pieces;
    }

    private static List<(ulong Start, int Entries)> Pieces(RmpEntryReader reader)
    {
        List<(ulong Start, int Entries)> pieces = [];
        while (reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries))
        {
            pieces.Add((start.Value, entries.Length));
        }

        return pieces;
    }
}
