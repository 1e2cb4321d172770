using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

/// <summary>Table pages run out: a request is met whole or changes nothing.</summary>
public sealed class TablePagesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_1G_leaf_is_not_touched_unless_both_its_tables_are_there(int spare)
    {
        using HostDirectMap map = BuildWithSpare(spare, RangeAt(0, Giant));
        RequireRefused(map, 0, 1);
    }

    [Fact]
    public void Two_pages_suffice_for_one_page_of_a_1G_leaf()
    {
        using HostDirectMap map = BuildWithSpare(2, RangeAt(0, Giant));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant - Small), 1));
        Assert.Equal(SplitStatus.Unchanged, map.SetMemory4K(At(Giant - Small), 1));
        RequireRefused(map, 0, 1);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0UL, 513UL, 2)]
    [InlineData(511UL, 1025UL, 3)]
    [InlineData(0UL, 1UL, 1)]
    public void A_range_of_2M_leaves_is_split_whole_or_not_at_all(ulong firstPage, ulong pages, int needed)
    {
        using HostDirectMap poor = BuildWithSpare(needed - 1, RangeAt(0, 8 * Large));
        RequireRefused(poor, firstPage * Small, pages);
        using HostDirectMap rich = BuildWithSpare(needed, RangeAt(0, 8 * Large));
        Assert.Equal(SplitStatus.Changed, rich.SetMemory4K(At(firstPage * Small), pages));
        AssertWhole(rich);
    }

    [Theory]
    [InlineData(0UL, 513UL, 3)]
    [InlineData(511UL, 2UL, 3)]
    [InlineData(262_143UL, 2UL, 4)]
    [InlineData(261_120UL, 2048UL, 2 + 4)]
    [InlineData(262_143UL, 262_146UL, 3 + 1 + 512 + 1)]
    [InlineData(0UL, ulong.MaxValue, 3 + (3 * 512) + 1)]
    public void A_range_of_1G_leaves_needs_a_directory_each_and_a_table_for_each_region_touched(ulong firstPage, ulong pages, int needed)
    {
        using HostDirectMap poor = BuildWithSpare(needed - 1, RangeAt(0, 3 * Giant), RangeAt(5 * Giant, Large));
        RequireRefused(poor, firstPage * Small, pages);
        using HostDirectMap rich = BuildWithSpare(needed, RangeAt(0, 3 * Giant), RangeAt(5 * Giant, Large));
        Assert.Equal(SplitStatus.Changed, rich.SetMemory4K(At(firstPage * Small), pages));
        Assert.Equal(needed, rich.Statistics.Splits2M + rich.Statistics.Splits1G);
        RequireRefusedOrDone(rich, 0, ulong.MaxValue);
        AssertWhole(rich);
    }

    [Fact]
    public void A_refused_request_marks_nothing()
    {
        using HostDirectMap map = BuildWithSpare(1, RangeAt(0, 3 * Large));
        _ = map.SetMemory4K(At(0), 1);
        ulong[] before = Words(map);
        DirectMapStatistics statistics = map.Statistics;
        Assert.Equal(SplitStatus.OutOfTablePages, map.SetMemory4K(At(Large - Small), 2, setKernel4K: true));
        Assert.Equal(before, Words(map));
        Assert.Equal(statistics, map.Statistics);
    }

    [Fact]
    public void Pages_given_back_serve_again()
    {
        using HostDirectMap map = BuildWithSpare(3, RangeAt(0, 3 * Giant));
        for (ulong round = 0; round < 50; round++)
        {
            ulong first = (round % 3 * Giant) + (round * 7 % 511 * Large);
            Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(first + Large - Small), 2));
            AssertLeaves(map, 1024, 510, 2);
            RequireRefused(map, (first + Giant) % (3 * Giant), 1);
            if (round % 10 == 0) AssertWhole(map);
            Assert.True(map.TryRejoin(At(first)));
            Assert.True(map.TryRejoin(At(first + Large)));
            AssertLeaves(map, 0, 0, 3);
        }

        AssertWhole(map);
        AssertWork(map, 100, 50, 100, 50, 250);
        Assert.Equal(map.Statistics.TablePages + 3, map.Statistics.PeakTablePages);
    }

    private static void RequireRefused(HostDirectMap map, ulong start, ulong pages)
    {
        ulong[] before = Words(map);
        DirectMapStatistics statistics = map.Statistics;
        Assert.Equal(SplitStatus.OutOfTablePages, map.SetMemory4K(At(start), pages));
        Assert.Equal(before, Words(map));
        Assert.Equal(statistics, map.Statistics);
    }

    private static void RequireRefusedOrDone(HostDirectMap map, ulong start, ulong pages)
    {
        if (map.Statistics.Leaves2M + map.Statistics.Leaves1G > 0) RequireRefused(map, start, pages);
    }
}
