using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

/// <summary>A Debian 6.1 guest with address randomisation: 2 GiB below the hole, 2 GiB from 4 GiB on.</summary>
public class DirectMapFixtureTests
{
    private const ulong Base = 0xFFFF_8E5B_8000_0000UL;
    private const ulong GiB = 1UL << 30;

    [Theory]
    [InlineData(0, true, DirectMapBaseSource.MemorySections)]
    [InlineData(0, false, DirectMapBaseSource.Tables)]
    [InlineData(1, true, DirectMapBaseSource.MemorySections)]
    [InlineData(1, false, DirectMapBaseSource.Tables)]
    public void The_map_is_found_from_each_processor_with_and_without_notes(int cpu, bool hasNotes, DirectMapBaseSource evidence)
    {
        using MemoryImage core = TableImage.OpenFixture();
        DirectMapLocation location = Find(core, hasNotes ? core.VmCoreInfo : null, cpu);
        Assert.Equal(Base, location.Base.Value);
        Assert.Equal(evidence, location.BaseSource);
        Assert.Equal(DirectMapRoot.Given, location.RootKind);
        Assert.Equal(0UL, location.EncryptionMask);
    }

    [Fact]
    public void The_census_is_what_the_emulator_lists_at_that_distance()
    {
        long[] listed = new long[2];
        ulong bytes = 0;
        foreach (string line in System.Text.Encoding.ASCII.GetString(Fixture.Gunzipped("linux-4level/info-tlb.txt.gz"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            ulong va = ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong pa = ulong.Parse(line.AsSpan(18, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (va - pa != Base) continue;
            bool isLarge = line[37] == 'P';
            listed[isLarge ? 1 : 0]++;
            bytes += isLarge ? 0x20_0000UL : 0x1000UL;
        }

        using MemoryImage core = TableImage.OpenFixture();
        DirectMapTotals totals = Splits(core, out _);
        Assert.Equal((listed[0], listed[1], 0L), (totals.Leaves4K, totals.Leaves2M, totals.Leaves1G));
        Assert.Equal(bytes, totals.Bytes);
        Assert.Equal(18300, totals.Kilobytes4K);
        Assert.Equal(4_175_872, totals.Kilobytes2M);
        Assert.Equal(0, totals.Kilobytes1G);
    }

    [Fact]
    public void The_kernels_own_counters_differ_by_the_splits_of_its_image()
    {
        using MemoryImage core = TableImage.OpenFixture();
        DirectMapTotals totals = Splits(core, out _);
        long[] reported = new long[2];
        foreach (string line in System.IO.File.ReadAllLines(Fixture.PathOf("linux-4level/meminfo.txt")))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "DirectMap4k:") reported[0] = long.Parse(words[1], CultureInfo.InvariantCulture);
            if (words[0] == "DirectMap2M:") reported[1] = long.Parse(words[1], CultureInfo.InvariantCulture);
        }

        const long SplitOfImage = 5 * 2048;
        Assert.Equal(SplitOfImage, reported[0] - totals.Kilobytes4K);
        Assert.Equal(SplitOfImage, totals.Kilobytes2M - reported[1]);
    }

    [Fact]
    public void Each_split_region_is_there_with_its_reason()
    {
        using MemoryImage core = TableImage.OpenFixture();
        DirectMapTotals totals = Splits(core, out List<DirectMapSplit> splits);
        (ulong Page, int Leaves, SplitReasons Reasons)[] expected =
        [
            (0, 512, SplitReasons.Write | SplitReasons.Execute | SplitReasons.Boot),
            (GiB + Region(269), 512, SplitReasons.Write | SplitReasons.AfterBoot),
            (GiB + Region(274), 512, SplitReasons.Write | SplitReasons.AfterBoot),
            (GiB + Region(279), 512, SplitReasons.Write | SplitReasons.AfterBoot),
            (GiB + Region(511), 479, SplitReasons.Holes | SplitReasons.Boot),
            ((4 * GiB) + Region(1), 512, SplitReasons.Write | SplitReasons.AfterBoot),
            ((4 * GiB) + Region(4), 512, SplitReasons.Write | SplitReasons.AfterBoot),
            ((4 * GiB) + Region(14), 512, SplitReasons.Write | SplitReasons.Global | SplitReasons.AfterBoot),
            ((5 * GiB) + Region(478), 512, SplitReasons.Write | SplitReasons.AfterBoot),
        ];
        List<DirectMapSplit> regions = splits.FindAll(static split => split.Size == PageSize.Size2M);
        Assert.Equal(expected, regions.ConvertAll(static split => (split.Start.Value, split.Leaves, split.Reasons)));
        Assert.All(regions, static split => Assert.Equal(Base + split.Start.Value, split.VirtualAddress.Value));
        Assert.Equal(9, totals.Split2M);
        Assert.Equal(0, totals.Rejoinable2M);
    }

    [Fact]
    public void Gigabyte_regions_show_which_were_split_after_boot()
    {
        using MemoryImage core = TableImage.OpenFixture();
        DirectMapTotals totals = Splits(core, out List<DirectMapSplit> splits);
        List<DirectMapSplit> gigabytes = splits.FindAll(static split => split.Size == PageSize.Size1G);
        (ulong, int, bool)[] expected = [(0, 1, true), (1, 4, true), (4, 3, false), (5, 1, false)];
        Assert.Equal(
            expected,
            gigabytes.ConvertAll(static split => (split.Start.Value / GiB, split.Smaller, (split.Reasons & SplitReasons.Boot) != 0)));
        Assert.All(gigabytes, static split => Assert.Equal(512, split.Leaves + split.Smaller));
        Assert.Equal(4, totals.Split1G);
    }

    [Fact]
    public void Two_ranges_are_mapped()
    {
        using MemoryImage core = TableImage.OpenFixture();
        DirectMapRangeEnumerator<ImageMemoryView> ranges = new(core.Memory.View(), Find(core, null, 0));
        List<PhysicalRange> found = [];
        while (ranges.MoveNext()) found.Add(ranges.Current);
        Assert.False(ranges.MoveNext());
        Assert.Equal([new PhysicalRange(default, 0x7FFD_F000), new PhysicalRange(PhysicalAddress.Create(4 * GiB), 2 * GiB)], found);
    }

    [Fact]
    public void The_notes_lead_to_the_reference_tables()
    {
        using MemoryImage core = TableImage.OpenFixture();
        Assert.True(KernelNotes.TryGetRoot(core.VmCoreInfo!, out PhysicalAddress root, out PagingMode mode));
        Assert.Equal((0x6261_0000UL, PagingMode.FourLevel), (root.Value, mode));
        Assert.Equal(0UL, KernelNotes.EncryptionMask(core.VmCoreInfo!));
    }

    [Fact]
    public void The_walker_agrees_that_the_first_and_last_byte_of_each_region_are_mapped_there()
    {
        using MemoryImage core = TableImage.OpenFixture();
        Splits(core, out List<DirectMapSplit> splits);
        ImageMemoryView memory = core.Memory.View();
        PagingState state = State(core, 0);
        foreach (DirectMapSplit split in splits)
        {
            WalkResult walked = PageWalker.Translate(ref memory, state, split.VirtualAddress, MemoryAccess.KernelRead);
            Assert.Equal(split.Start, walked.Address);
        }
    }

    private static ulong Region(ulong index) => index << 21;

    private static PagingState State(MemoryImage core, int cpu) =>
        new(core.Cpus[cpu].Control.Cr3.Table, PagingMode.FourLevel, ProcessorModel.Genoa);

    private static DirectMapLocation Find(MemoryImage core, VmCoreInfo? notes, int cpu)
    {
        Assert.True(DirectMapFinder.TryFind(core.Memory.View(), State(core, cpu), notes, out DirectMapLocation location));
        return location;
    }

    private static DirectMapTotals Splits(MemoryImage core, out List<DirectMapSplit> splits)
    {
        DirectMapCensus<ImageMemoryView> census = new(core.Memory.View(), Find(core, null, 0));
        splits = [];
        while (census.MoveNext()) splits.Add(census.Current);
        Assert.Equal(0, census.AbsentTables);
        return census.Totals;
    }
}
