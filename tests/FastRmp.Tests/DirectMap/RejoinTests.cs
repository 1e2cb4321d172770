using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

public sealed class RejoinTests
{
    [Fact]
    public void The_last_split_region_brings_back_2M_and_1G_with_one_flush()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        _ = map.SetMemory4K(At(0), 1);
        _ = map.SetMemory4K(At(9 * Large), 1);
        AssertWork(map, 2, 1, 0, 0, 3);
        Assert.Equal(5, map.Statistics.TablePages);

        Assert.True(map.TryRejoin(At(0)));
        AssertLeaves(map, 512, 511, 0);
        AssertWork(map, 2, 1, 1, 0, 4);
        Assert.True(map.TryRejoin(At((10 * Large) - 1)));
        AssertLeaves(map, 0, 0, 1);
        AssertWork(map, 2, 1, 2, 1, 5);
        Assert.Equal(2, map.Statistics.TablePages);
        Assert.Equal(5, map.Statistics.PeakTablePages);
        Assert.Equal(1024, map.Statistics.Peak4K);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Large)]
    [InlineData(4 * Giant)]
    [InlineData(1UL << 48)]
    public void What_is_no_table_of_4K_leaves_is_not_joined(ulong address)
    {
        using HostDirectMap map = Build(RangeAt(0, Giant), RangeAt(2 * Giant, Large));
        Assert.False(map.TryRejoin(At(address)));
        AssertWork(map, 0, 0, 0, 0, 0);
    }

    [Theory]
    [InlineData(0UL, 0x2UL)]
    [InlineData(511UL, 0x2UL)]
    [InlineData(255UL, 0x4UL)]
    [InlineData(1UL, 0x8UL)]
    [InlineData(0UL, 0x10UL)]
    [InlineData(7UL, 0x80UL)]
    [InlineData(300UL, 0x200UL)]
    [InlineData(0UL, 0x800UL)]
    [InlineData(511UL, 0x800UL)]
    [InlineData(100UL, 0x1000UL)]
    [InlineData(511UL, 0x0010_0000_0000_0000UL)]
    [InlineData(2UL, 0x8000_0000_0000_0000UL)]
    [InlineData(0UL, 0x1UL)]
    [InlineData(510UL, 0x1UL)]
    public void One_page_that_differs_keeps_the_region_apart(ulong page, ulong bit)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant));
        _ = map.SetMemory4K(At(Giant), 1);
        (ulong entry, ulong value, _) = Leaf(map, Giant + (page * Small));
        Assert.True(map.View().TryCompareExchange(At(entry), value ^ bit, value, out _));
        Assert.False(map.TryRejoin(At(Giant)));
        AssertWork(map, 1, 1, 0, 0, 2);
        Assert.True(map.View().TryCompareExchange(At(entry), value, value ^ bit, out _));
        Assert.True(map.TryRejoin(At(Giant)));
        AssertLeaves(map, 0, 0, 1);
    }

    [Theory]
    [InlineData(0UL, 0x100UL)] // a page that was not present for a while lost Global
    [InlineData(511UL, 0x100UL)]
    [InlineData(3UL, 0x160UL)]
    [InlineData(3UL, 0x20UL)]
    [InlineData(3UL, 0x40UL)]
    public void History_and_Global_of_a_page_are_made_equal_unless_Linux_joins(ulong page, ulong bits)
    {
        foreach (bool asLinux in (bool[])[false, true])
        {
            using HostDirectMap map = Build(
                new DirectMapOptions { Choices = ModelChoices.Default with { RejoinAsLinux = asLinux } }, RangeAt(Giant, Giant));
            _ = map.SetMemory4K(At(Giant), 1);
            ChangeLeaf(map, Giant + (page * Small), value => value & ~bits);
            Assert.Equal(!asLinux, map.TryRejoin(At(Giant)));
            if (!asLinux) Assert.Equal(Giant | 0x8000_0000_0000_01E3UL, Leaf(map, Giant).Value);
            if (asLinux) AssertLeaves(map, 512, 511, 0);
        }
    }

    [Fact]
    public void Global_that_no_page_has_is_not_made_up()
    {
        using HostDirectMap map = Build(RangeAt(0, 2 * Large));
        _ = map.SetMemory4K(At(0), 1);
        for (ulong page = 0; page < Large; page += Small)
        {
            ChangeLeaf(map, page, value => value & ~(page == Small ? 0x120UL : 0x100UL));
        }

        Assert.True(map.TryRejoin(At(0)));
        Assert.Equal(0x8000_0000_0000_00E3UL, Leaf(map, 0).Value);
    }

    [Fact]
    public void Equal_leaves_are_joined_as_Linux_joins_them_with_the_history_they_have()
    {
        using HostDirectMap map = Build(
            new DirectMapOptions { Choices = ModelChoices.Default with { RejoinAsLinux = true } }, RangeAt(0, 2 * Large));
        ChangeLeaf(map, 0, static value => value & ~0x60UL);
        _ = map.SetMemory4K(At(0), 1);
        Assert.True(map.TryRejoin(At(0)));
        Assert.Equal(0x8000_0000_0000_0183UL, Leaf(map, 0).Value);
    }

    [Fact]
    public void Pages_that_all_map_another_region_are_not_joined()
    {
        using HostDirectMap map = Build(RangeAt(0, 2 * Large));
        _ = map.SetMemory4K(At(0), 1);
        for (ulong page = 0; page < Large; page += Small)
        {
            ChangeLeaf(map, page, static value => value + Large);
        }

        Assert.False(map.TryRejoin(At(0)));
    }

    [Fact]
    public void A_marked_page_keeps_its_region_and_its_gigabyte_apart()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        _ = map.SetMemory4K(At(3 * Large), 1, setKernel4K: true);
        _ = map.SetMemory4K(At(4 * Large), 1);
        Assert.False(map.TryRejoin(At(3 * Large)));
        Assert.True(map.TryRejoin(At(4 * Large)));
        AssertLeaves(map, 512, 511, 0);
        AssertWork(map, 2, 1, 1, 0, 4);
    }

    [Fact]
    public void A_region_all_of_whose_pages_are_marked_is_not_joined()
    {
        using HostDirectMap map = Build(RangeAt(0, Large));
        _ = map.SetMemory4K(At(0), 512, setKernel4K: true);
        Assert.False(map.TryRejoin(At(0)));
    }

    [Fact]
    public void A_2M_leaf_with_other_flags_keeps_the_gigabyte_apart()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        _ = map.SetMemory4K(At(0), 1);
        ChangeLeaf(map, 100 * Large, static value => value | 0x10);
        Assert.True(map.TryRejoin(At(0)));
        AssertLeaves(map, 0, 512, 0);
        AssertWork(map, 1, 1, 1, 0, 3);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0UL, Large / 2, (Large / 2) + Small, (Large / 2) - Small)]
    [InlineData(Small, Large - Small, Large, Large)]
    [InlineData(0UL, Large - Small, 2 * Large, Large)]
    public void A_region_that_was_never_one_leaf_is_not_made_one(ulong start, ulong length, ulong nextStart, ulong nextLength)
    {
        using HostDirectMap map = Build(RangeAt(start, length), RangeAt(nextStart, nextLength));
        long flushes = map.Statistics.GlobalFlushes;
        Assert.False(map.TryRejoin(At(start)));
        Assert.Equal(flushes, map.Statistics.GlobalFlushes);
        AssertWhole(map);
    }

    [Fact]
    public void A_gigabyte_of_two_ranges_is_not_made_one_leaf()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant / 2), RangeAt((Giant / 2) + Large, (Giant / 2) - Large));
        AssertLeaves(map, 0, 511, 0);
        _ = map.SetMemory4K(At(0), 1);
        Assert.True(map.TryRejoin(At(0)));
        AssertLeaves(map, 0, 511, 0);
        AssertWork(map, 1, 0, 1, 0, 2);
    }

    [Fact]
    public void Without_gigabyte_pages_the_join_ends_at_2M()
    {
        DirectMapOptions options = new() { Processor = ProcessorModel.Genoa with { HasGigabytePages = false } };
        using HostDirectMap map = Build(options, RangeAt(0, Giant));
        _ = map.SetMemory4K(At(0), 1);
        Assert.True(map.TryRejoin(At(0)));
        AssertLeaves(map, 0, 512, 0);
    }

    [Theory]
    [InlineData(PagingMode.FiveLevel, 0UL)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_92FF_C000_0000UL)]
    public void Every_mode_and_base_joins_the_same(PagingMode mode, ulong virtualBase)
    {
        DirectMapOptions options = new() { Mode = mode, VirtualBase = new VirtualAddress(virtualBase) };
        using HostDirectMap map = Build(options, RangeAt(0, 2 * Giant));
        (ulong First, ulong Second) before = (Leaf(map, 0).Value, Leaf(map, Giant).Value);
        _ = map.SetMemory4K(At(Giant - Small), 2);
        Assert.True(map.TryRejoin(At(Giant)));
        Assert.True(map.TryRejoin(At(Giant - 1)));
        Assert.Equal(before, (Leaf(map, 0).Value, Leaf(map, Giant).Value));
        AssertLeaves(map, 0, 0, 2);
        AssertWhole(map);
    }

    [Fact]
    public void A_region_that_never_was_split_and_one_already_joined_stay_as_they_are()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        _ = map.SetMemory4K(At(0), 1);
        Assert.False(map.TryRejoin(At(Large)));
        Assert.True(map.TryRejoin(At(0)));
        Assert.False(map.TryRejoin(At(0)));
        AssertWork(map, 1, 1, 1, 1, 3);
    }
}
