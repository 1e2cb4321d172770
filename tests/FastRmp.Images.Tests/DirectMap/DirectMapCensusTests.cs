using System;
using System.Collections.Generic;
using FastRmp.DirectMap;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

public class DirectMapCensusTests
{
    private const ulong MiB = 1UL << 20;
    private const ulong GiB = 1UL << 30;
    private const ulong Start = 0xFFFF_8880_0000_0000UL;
    private const ulong Region = Start + (2 * MiB);

    public static TheoryData<ulong, SplitReasons> Flips { get; } = new()
    {
        { 1UL << 1, SplitReasons.Write },
        { 1UL << 63, SplitReasons.Execute },
        { 1UL << 2, SplitReasons.User },
        { 1UL << 3, SplitReasons.Cache },
        { 1UL << 4, SplitReasons.Cache },
        { 1UL << 7, SplitReasons.Cache },
        { 1UL << 8, SplitReasons.Global },
        { 1UL << 9, SplitReasons.Software },
        { 1UL << 10, SplitReasons.Software },
        { 1UL << 58, SplitReasons.Software },
        { 1UL << 60, SplitReasons.Software },
        { 1UL << 11, SplitReasons.Kernel4K },
        { 1UL << 5, SplitReasons.AccessedDirty },
        { 1UL << 6, SplitReasons.AccessedDirty },
        { 1UL << 20, SplitReasons.Frames },
        { 1UL << 0, SplitReasons.Unmapped },
        { (1UL << 0) | TableImage.AddressField, SplitReasons.Unmapped },
        { (1UL << 0) | (1UL << 30), SplitReasons.Holes },
    };

    [Theory]
    [MemberData(nameof(Flips))]
    public void One_entry_that_differs_gives_the_reason(ulong flip, SplitReasons reason)
    {
        TableImage image = Whole();
        image.Entry(Region + 0x7000, 1) ^= flip;
        DirectMapSplit region = Census(image, out _).Find(static split => split.Size == PageSize.Size2M);
        Assert.Equal(reason | SplitReasons.AfterBoot, region.Reasons);
        Assert.False(region.IsRejoinable);
        Assert.Equal(reason == SplitReasons.Kernel4K ? 1 : 0, region.Kernel4K);
        Assert.Equal(reason == SplitReasons.Unmapped ? 1 : 0, region.Unmapped);
    }

    [Fact]
    public void The_memory_type_of_a_large_leaf_stands_at_bit_12()
    {
        TableImage image = Whole();
        image.Entry(Start + (8 * MiB), 2) ^= 1UL << 12;
        DirectMapSplit gigabyte = Census(image, out _).Find(static split => split.Size == PageSize.Size1G);
        Assert.Equal(SplitReasons.Cache | SplitReasons.Smaller | SplitReasons.Boot, gigabyte.Reasons);
        Assert.Equal(511, gigabyte.Leaves);
    }

    [Fact]
    public void A_region_in_which_nothing_differs_could_be_joined()
    {
        List<DirectMapSplit> splits = Census(Whole(), out DirectMapTotals totals);
        Assert.True(splits[0].IsRejoinable);
        Assert.Equal(
            (PageSize.Size2M, 2 * MiB, Region, 512),
            (splits[0].Size, splits[0].Start.Value, splits[0].VirtualAddress.Value, splits[0].Leaves));
        Assert.False(splits[1].IsRejoinable);
        Assert.Equal(
            (512L, 511L, 0L, 1L, 1L, 1L, 0L),
            (totals.Leaves4K, totals.Leaves2M, totals.Leaves1G, totals.Split2M, totals.Split1G, totals.Rejoinable2M, totals.Rejoinable1G));
        Assert.Equal(GiB, totals.Bytes);
    }

    [Fact]
    public void Shared_pages_of_an_encrypted_kernel_are_a_reason()
    {
        const ulong Private = 1UL << 51;
        TableImage image = new TableImage { EncryptionBit = Private }.MapRange(Start, 0, GiB, level: 2, TableImage.Leaf | Private);
        image.Entry(Start + (6 * MiB), 2) = 0;
        image.MapRange(Start, 6 * MiB, 2 * MiB, level: 1, TableImage.Leaf | Private, TableImage.AfterBoot);
        image.Entry(Start + (6 * MiB) + 0x3000, 1) ^= Private;
        List<DirectMapSplit> splits = Census(image, out DirectMapTotals totals);
        Assert.Equal(SplitReasons.Encryption | SplitReasons.AfterBoot, splits[0].Reasons);
        Assert.Equal(GiB, totals.Bytes);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(TableImage.AddressField & ~0x3FFF_FFFFUL)] // inverted
    public void A_gigabyte_leaf_taken_out_of_the_map_is_counted_apart(ulong inversion)
    {
        TableImage image = Whole();
        image.Map(Start + GiB, GiB, level: 3).Map(Start + (2 * GiB), 2 * GiB, level: 3);
        image.Entry(Start + GiB, 3) = (image.Entry(Start + GiB, 3) & ~3UL) ^ inversion;
        _ = Census(image, out DirectMapTotals totals);
        Assert.Equal((1L, 1L, 0L), (totals.Leaves1G, totals.Unmapped1G, totals.Unmapped2M));
        image.Entry(Start + GiB, 3) = 0;
        _ = Census(image, out totals);
        Assert.Equal((1L, 0L), (totals.Leaves1G, totals.Unmapped1G));
        image.Entry(Start + GiB, 3) = 7 * GiB; // another frame: nothing of the map
        _ = Census(image, out totals);
        Assert.Equal((1L, 0L), (totals.Leaves1G, totals.Unmapped1G));
    }

    [Fact]
    public void A_whole_region_taken_out_of_the_map_is_still_seen()
    {
        TableImage image = Whole();
        for (ulong page = 0; page < 512; page++) image.Entry(Region + (page * 0x1000), 1) &= ~3UL;
        image.Entry(Start + (10 * MiB), 2) &= ~1UL;
        List<DirectMapSplit> splits = Census(image, out DirectMapTotals totals);
        Assert.Equal((SplitReasons.Unmapped | SplitReasons.AfterBoot, 0, 512), (splits[0].Reasons, splits[0].Leaves, splits[0].Unmapped));
        Assert.Equal((512L, 1L, 0L, 510L), (totals.Unmapped4K, totals.Unmapped2M, totals.Leaves4K, totals.Leaves2M));
    }

    [Fact]
    public void A_table_that_the_image_does_not_hold_is_said()
    {
        TableImage image = Whole();
        image.Entry(Start + (4 * MiB), 2) = 0;
        image.MapRange(Start, 4 * MiB, 2 * MiB, level: 1, tableFlags: TableImage.AfterBoot);
        image.Entry(Start + (6 * MiB), 2) = 0x7000_0063;
        DirectMapCensus<TableView> census = new(image.View, Find(image));
        List<DirectMapSplit> splits = [];
        while (census.MoveNext()) splits.Add(census.Current);
        Assert.Equal((1L, 0x7000_0000UL), (census.AbsentTables, census.FirstAbsentEntry.Value));
        Assert.True((splits[^1].Reasons & SplitReasons.Absent) != 0);
        Assert.False((splits[^1].Reasons & SplitReasons.Frames) != 0);
        Assert.Equal(SplitReasons.AfterBoot, splits[0].Reasons);
    }

    [Fact]
    public void Tables_of_others_in_the_window_are_skipped()
    {
        TableImage image = Whole();
        image.MapRange(Start + (100 * GiB) - 0x5000, 0x5000, 64 * 4096UL);
        Assert.Equal(2, Census(image, out DirectMapTotals totals).Count);
        Assert.Equal(512L, totals.Leaves4K);
    }

    [Theory]
    [InlineData(PagingMode.FourLevel, 0UL, true)]
    [InlineData(PagingMode.FiveLevel, 0UL, true)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_9A3F_4000_0000UL, false)]
    [InlineData(PagingMode.FiveLevel, 0xFF27_6A91_C000_0000UL, true)]
    public void A_map_that_the_model_built_and_split_is_counted_as_it_counts_itself(PagingMode mode, ulong start, bool hasGigabytePages)
    {
        PhysicalRange[] ram =
        [
            new(PhysicalAddress.Create(0), 0x9_F000), new(PhysicalAddress.Create(MiB), (3 * GiB) + 0x12_3000),
            new(PhysicalAddress.Create(4 * GiB), 5 * GiB),
        ];
        DirectMapOptions options = new()
        {
            Mode = mode,
            VirtualBase = new VirtualAddress(start),
            Processor = ProcessorModel.Genoa with { HasGigabytePages = hasGigabytePages },
        };
        using HostDirectMap map = new(ram, options);
        map.SetMemory4K(PhysicalAddress.Create((5 * GiB) + (7 * MiB)), 3, setKernel4K: true);
        map.SetMemory4K(PhysicalAddress.Create(6 * GiB), 1);
        Assert.True(DirectMapFinder.TryFind(map.View(), map.State, null, out DirectMapLocation location));
        Assert.Equal(map.VirtualBase, location.Base);
        DirectMapCensus<PinnedMemoryView> census = new(map.View(), location);
        List<DirectMapSplit> splits = [];
        while (census.MoveNext()) splits.Add(census.Current);
        DirectMapStatistics itself = map.Statistics;
        Assert.Equal(
            (itself.Leaves4K, itself.Leaves2M, itself.Leaves1G), (census.Totals.Leaves4K, census.Totals.Leaves2M, census.Totals.Leaves1G));
        Assert.Equal(3, census.Totals.Kernel4K);
        Assert.Equal(1, census.Totals.Rejoinable2M);
        DirectMapSplit marked = splits.Find(static split => split.Start.Value == (5 * GiB) + (6 * MiB));
        Assert.Equal((SplitReasons.Kernel4K | SplitReasons.AfterBoot, 3, 512), (marked.Reasons, marked.Kernel4K, marked.Leaves));
        DirectMapRangeEnumerator<PinnedMemoryView> ranges = new(map.View(), location);
        List<PhysicalRange> found = [];
        while (ranges.MoveNext()) found.Add(ranges.Current);
        Assert.Equal(ram, found);
    }

    [Fact]
    public void A_cancelled_search_ends()
    {
        TableImage image = Whole();
        using System.Threading.CancellationTokenSource source = new();
        source.Cancel();
        System.Threading.CancellationToken token = source.Token;
        Assert.Throws<OperationCanceledException>(() => DirectMapFinder.TryFind(image.View, image.State, null, out _, cancellation: token));
    }

    /// <summary>1 GiB in leaves of 2 MiB, the second of which was split.</summary>
    private static TableImage Whole()
    {
        TableImage image = new TableImage().MapRange(Start, 0, GiB, level: 2);
        image.Entry(Region, 2) = 0;
        return image.MapRange(Start, 2 * MiB, 2 * MiB, level: 1, tableFlags: TableImage.AfterBoot);
    }

    private static DirectMapLocation Find(TableImage image)
    {
        Assert.True(DirectMapFinder.TryFind(image.View, image.State, null, out DirectMapLocation location));
        Assert.Equal(Start, location.Base.Value);
        return location;
    }

    private static List<DirectMapSplit> Census(TableImage image, out DirectMapTotals totals)
    {
        DirectMapCensus<TableView> census = new(image.View, Find(image));
        List<DirectMapSplit> splits = [];
        while (census.MoveNext()) splits.Add(census.Current);
        totals = census.Totals;
        return splits;
    }
}
