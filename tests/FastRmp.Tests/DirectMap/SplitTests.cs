using FastRmp.DirectMap;
using FastRmp.Tests.Support;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

public sealed class SplitTests
{
    [Fact]
    public void One_page_of_a_1G_leaf_costs_two_splits_two_tables_and_two_flushes()
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant + (5 * Large) + (7 * Small)), 1));
        AssertLeaves(map, 512, 511, 0);
        AssertWork(map, 1, 1, 0, 0, 2);
        Assert.Equal(4, map.Statistics.TablePages);
        Assert.Equal(512, map.Statistics.Peak4K);
        Assert.Equal(0, map.Statistics.RangedFlushes);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0UL, 1UL, 1)]
    [InlineData(511UL, 1UL, 1)]
    [InlineData(511UL, 2UL, 2)]
    [InlineData(0UL, 512UL, 1)]
    [InlineData(0UL, 513UL, 2)]
    [InlineData(100UL, 1024UL, 3)]
    [InlineData(1535UL, 1UL, 1)]
    [InlineData(0UL, 1536UL, 3)]
    public void Exactly_the_2M_leaves_touched_are_split(ulong firstPage, ulong pages, int splits)
    {
        using HostDirectMap map = Build(RangeAt(Giant, 3 * Large));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant + (firstPage * Small)), pages));
        AssertLeaves(map, 512 * splits, 3 - splits, 0);
        AssertWork(map, splits, 0, 0, 0, splits);
        for (ulong region = 0; region < 3; region++)
        {
            bool touched = firstPage < (region + 1) * 512 && firstPage + pages > region * 512;
            Assert.Equal(touched ? 1 : 2, Leaf(map, Giant + (region * Large)).Level);
        }

        Assert.Equal(SplitStatus.Unchanged, map.SetMemory4K(At(Giant + (firstPage * Small)), pages));
        AssertWork(map, splits, 0, 0, 0, splits);
        AssertWhole(map);
    }

    [Fact]
    public void An_address_inside_a_page_means_the_page()
    {
        using HostDirectMap map = Build(RangeAt(0, 2 * Large));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Large - 1), 1));
        Assert.Equal(1, Leaf(map, 0).Level);
        Assert.Equal(2, Leaf(map, Large).Level);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(0UL, 1UL)]
    [InlineData(Giant - Small, 1UL)]
    [InlineData(2 * Giant, 1UL)]
    [InlineData(3 * Giant, 512UL)]
    [InlineData(Giant, 0UL)]
    [InlineData(1UL << 48, ulong.MaxValue)]
    [InlineData((1UL << 48) + Giant, 1UL)]
    public void What_is_not_mapped_is_skipped(ulong start, ulong pages)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant), RangeAt(8 * Giant, Small));
        Assert.Equal(SplitStatus.Unchanged, map.SetMemory4K(At(start), pages));
        AssertLeaves(map, 1, 0, 1);
        AssertWork(map, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void A_range_over_holes_splits_what_lies_between_them()
    {
        using HostDirectMap map = Build(
            RangeAt(Large, Large), RangeAt(5 * Large, Large), RangeAt(3 * Giant, Giant), RangeAt(1UL << 40, Large));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(0), ulong.MaxValue));
        AssertLeaves(map, 3 * 512 + (512 * 512), 0, 0);
        AssertWork(map, 3 + 512, 1, 0, 0, 3 + 512 + 1);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(PagingMode.FourLevel, 0xFFFF_92FF_C000_0000UL)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_92FF_8000_0000UL)]
    [InlineData(PagingMode.FiveLevel, 0xFF23_FFFF_C000_0000UL)]
    [InlineData(PagingMode.FiveLevel, 0xFF23_FF7F_C000_0000UL)]
    public void Holes_are_skipped_in_steps_of_the_tables_wherever_the_map_begins(PagingMode mode, ulong virtualBase)
    {
        // Physical and virtual addresses cross the borders of the upper tables at different places.
        DirectMapOptions options = new() { Mode = mode, VirtualBase = new VirtualAddress(virtualBase) };
        using HostDirectMap map = Build(
            options, RangeAt(2 * Giant, Large), RangeAt(0x80_0000_0000, Large), RangeAt(0x180_4000_0000, Large));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(0), ulong.MaxValue));
        AssertLeaves(map, 3 * 512, 0, 0);
        AssertWhole(map);
    }

    [Fact]
    public void A_range_across_two_1G_leaves_splits_the_neighbours_only()
    {
        using HostDirectMap map = Build(RangeAt(0, 2 * Giant));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant - Small), 2));
        AssertLeaves(map, 1024, 1022, 0);
        AssertWork(map, 2, 2, 0, 0, 4);
        AssertWhole(map);
    }

    [Fact]
    public void Five_levels_split_the_same()
    {
        using HostDirectMap map = Build(new DirectMapOptions { Mode = PagingMode.FiveLevel }, RangeAt(0, Giant));
        Assert.Equal(3, map.Statistics.TablePages);
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant - 1), 1));
        AssertLeaves(map, 512, 511, 0);
        AssertWhole(map);
    }

    [Fact]
    public void Without_gigabyte_pages_one_split_brings_a_page_to_4K()
    {
        DirectMapOptions options = new() { Processor = ProcessorModel.Genoa with { HasGigabytePages = false } };
        using HostDirectMap map = Build(options, RangeAt(0, Giant));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(0), 1));
        AssertLeaves(map, 512, 511, 0);
        AssertWork(map, 1, 0, 0, 0, 1);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(3UL)]
    public void The_mark_KERNEL_4K_stands_in_the_pages_asked_for_and_in_no_other(ulong pages)
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        ulong first = (3 * Large) - Small;
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(first), pages, setKernel4K: true));
        Assert.Equal(1, map.Statistics.RangedFlushes);
        for (ulong page = 2 * Large; page < 4 * Large && Leaf(map, page).Level == 1; page += Small)
        {
            bool asked = page >= first && page < first + (pages * Small);
            Assert.Equal(asked, (Leaf(map, page).Value & 0x800) != 0);
        }

        long splits = map.Statistics.Splits2M;
        Assert.Equal(SplitStatus.Unchanged, map.SetMemory4K(At(first), pages, setKernel4K: true));
        Assert.Equal(1, map.Statistics.RangedFlushes);
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(first - Small), 1, setKernel4K: true));
        Assert.Equal(2, map.Statistics.RangedFlushes);
        Assert.Equal(splits, map.Statistics.Splits2M);
        AssertWhole(map);
    }

    [Fact]
    public void Without_being_asked_no_page_is_marked()
    {
        using HostDirectMap map = Build(RangeAt(0, Large));
        _ = map.SetMemory4K(At(0), 512);
        for (ulong page = 0; page < Large; page += Small)
        {
            Assert.Equal(0UL, Leaf(map, page).Value & 0x800);
        }
    }

    [Fact]
    public void Splits_and_rejoins_allocate_nothing()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant), RangeAt(2 * Giant, 3 * Small));
        Allocations.RequireNone(() => Work(map));
        Assert.Equal(101 * 2, map.Statistics.Splits2M);
        AssertLeaves(map, 3, 0, 1);
    }

    private static void Work(HostDirectMap map)
    {
        _ = map.SetMemory4K(At(Large - Small), 2);
        _ = map.TryGetMapping(At(0), out _);
        _ = map.TryToPhysical(map.ToVirtual(At(0)), out _);
        _ = map.Statistics;
        _ = map.TryRejoin(At(0));
        _ = map.TryRejoin(At(Large));
        _ = map.TryRejoin(At(2 * Giant));
    }
}
