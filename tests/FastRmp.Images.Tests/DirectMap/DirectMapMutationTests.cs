using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

/// <summary>Damaged tables: what is found is what plain recursion finds, or nothing; never an exception, never without end.</summary>
public class DirectMapMutationTests
{
    private const ulong Start = 0xFFFF_8E5B_8000_0000UL;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Bits_flipped_in_real_tables_change_no_more_than_they_say(int seed)
    {
        using MemoryImage core = TableImage.OpenFixture();
        Random random = new(seed);
        TableImage image = TableImage.Of(core);
        ulong[][] pages = [.. image.Pages.OrderBy(static page => page.Key).Select(static page => page.Value)];
        for (int round = 0; round < 40; round++)
        {
            for (int flips = 0; flips < 8; flips++)
            {
                ulong[] page = pages[random.Next(pages.Length)];
                page[random.Next(512)] ^= 1UL << random.Next(64);
            }

            Compare(image, random.Next(2) == 0 ? core.VmCoreInfo : null);
        }
    }

    [Theory]
    [InlineData(4, 11)]
    [InlineData(5, 12)]
    public void Entries_that_point_anywhere_throw_nothing(int levels, int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 60; round++)
        {
            ulong start = levels == 5 ? 0xFF11_0000_0000_0000UL : Start;
            TableImage image = new TableImage(levels).MapRange(start, 0, 4UL << 20).MapRange(start, 4UL << 20, 60UL << 20, level: 2);
            ulong[][] pages = [.. image.Pages.Values];
            ulong[] tables = [.. image.Pages.Keys];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                pages[random.Next(pages.Length)][random.Next(512)] = tables[random.Next(tables.Length)] | 0x67;
            }

            Compare(image, null);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Tables_that_point_at_themselves_512_times_end_at_once(int levels)
    {
        TableImage image = new(levels);
        Array.Fill(image.Pages[image.Root], image.Root | 0x67);
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _));
        DirectMapLocation location = new(
            new VirtualAddress(Start), image.State.Root, image.State.Mode, 0, DirectMapBaseSource.Given, DirectMapRoot.Given);
        DirectMapCensus<TableView> census = new(image.View, location);
        Assert.False(census.MoveNext());
        Assert.Equal(0UL, census.Totals.Bytes);
    }

    [Fact]
    public void Shadow_memory_that_repeats_one_table_for_terabytes_does_not_hold_the_search_up()
    {
        TableImage image = new TableImage()
            .MapRange(Start, 0, 64UL << 20, level: 2)
            .Map(0xFFFF_EC00_0000_0000UL, 0x9000, flags: TableImage.P | TableImage.NX);
        foreach (int level in (int[])[4, 3, 2])
        {
            ref ulong entry = ref image.Entry(0xFFFF_EC00_0000_0000UL, level);
            ulong repeated = entry;
            ulong[] table = image.Pages.Values.First(page => page.Contains(repeated));
            Array.Fill(table, repeated, level == 4 ? 472 : 0, level == 4 ? 32 : 512);
        }

        Array.Fill(image.Pages[image.Entry(0xFFFF_EC00_0000_0000UL, 2) & TableImage.AddressField], 0x8000_0000_0000_9161UL);
        Assert.True(DirectMapFinder.TryFind(image.View, image.State, null, out DirectMapLocation location));
        Assert.Equal(Start, location.Base.Value);
    }

    private static void Compare(TableImage image, VmCoreInfo? notes)
    {
        if (!DirectMapFinder.TryFind(image.View, image.State, notes, out DirectMapLocation location)) return;
        DirectMapCensus<TableView> census = new(image.View, location);
        List<DirectMapSplit> splits = [];
        while (census.MoveNext()) splits.Add(census.Current);
        DirectMapTotals totals = census.Totals;
        TableImage seen = location.Root == image.State.Root ? image : throw new InvalidOperationException("Another root.");
        Assert.Equal(
            NaiveCount.Of(seen, location.Base.Value, location.Last.Value), (long[])[totals.Leaves4K, totals.Leaves2M, totals.Leaves1G]);
        Assert.Equal(totals.Leaves4K, splits.Where(static split => split.Size == PageSize.Size2M).Sum(static split => (long)split.Leaves));
        ulong ranged = 0;
        DirectMapRangeEnumerator<TableView> ranges = new(image.View, location);
        ulong end = 0;
        while (ranges.MoveNext())
        {
            Assert.True(ranges.Current.Start.Value > end || end == 0);
            end = ranges.Current.End;
            ranged += ranges.Current.Length;
        }

        Assert.Equal(totals.Bytes, ranged);
    }
}
