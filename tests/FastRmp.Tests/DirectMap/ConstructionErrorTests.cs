using System;
using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

public sealed class ConstructionErrorTests
{
    [Fact]
    public void No_RAM_is_refused()
    {
        Assert.Throws<ArgumentException>("ram", () => Build());
        Assert.Throws<ArgumentException>("ram", () => Build(RangeAt(0x1800, 0xFFF), RangeAt(0x5000, 0)));
    }

    [Theory]
    [InlineData(0UL, 0x2000UL, 0x1000UL, 0x1000UL)]
    [InlineData(0x1000UL, 0x1000UL, 0UL, 0x4000UL)]
    [InlineData(0UL, 0x1000UL, 0UL, 0x1000UL)]
    [InlineData(0UL, 0x3001UL, 0x1800UL, 0x2800UL)]
    [InlineData(0UL, 0x1801UL, 0x1800UL, 0x2800UL)]
    public void Overlapping_ranges_are_refused(ulong start, ulong length, ulong otherStart, ulong otherLength)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            "ram", () => Build(RangeAt(start, length), RangeAt(otherStart, otherLength)));
        Assert.Contains("overlaps", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_that_meet_inside_a_page_do_not_overlap_and_have_it_whole()
    {
        using HostDirectMap map = Build(RangeAt(0, 0x2800), RangeAt(0x2800, 0x1800));
        AssertLeaves(map, 4, 0, 0);
    }

    [Fact]
    public void RAM_above_the_physical_address_space_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>("ram", () => Build(RangeAt(0xF_FFFF_FFFF_F000UL, 0x1001)));

    [Theory]
    [InlineData(0x1000UL, 1L)]
    [InlineData(0UL, 2L)]
    [InlineData(0x4000UL, 1L)]
    [InlineData(0UL, 100L)]
    public void Tables_inside_RAM_are_refused(ulong tableBase, long pages)
    {
        DirectMapOptions options = new() { TableBase = At(tableBase), MaxTablePages = pages };
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            nameof(DirectMapOptions.TableBase), () => Build(options, RangeAt(0x1000, 0x4000)));
        Assert.Contains("overlaps", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_are_misaligned_or_end_above_the_address_space_are_refused()
    {
        Assert.Throws<ArgumentException>(
            nameof(DirectMapOptions.TableBase), () => Build(new DirectMapOptions { TableBase = At(0x7800) }, RangeAt(Giant, Giant)));
        DirectMapOptions top = new() { TableBase = At(0xF_FFFF_FFFF_F000), MaxTablePages = 2 };
        Assert.Throws<ArgumentOutOfRangeException>(nameof(DirectMapOptions.TableBase), () => Build(top, RangeAt(Giant, Giant)));
    }

    [Fact]
    public void RAM_up_to_the_end_of_the_address_space_needs_a_place_for_the_tables()
    {
        DirectMapOptions options = new() { Mode = PagingMode.FiveLevel };
        Assert.Throws<ArgumentException>(nameof(DirectMapOptions.TableBase), () => Build(options, RangeAt(0xF_FFFF_C000_0000UL, Giant)));
        using HostDirectMap map = Build(
            options with { TableBase = At(0x10_0000), MaxTablePages = 4 }, RangeAt(0xF_FFFF_C000_0000UL, Giant));
        AssertWhole(map);
    }

    [Theory]
    [InlineData(PagingMode.FourLevel, 0xFFFF_8880_0000_1000UL, 1UL)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_8880_2000_0000UL, 1UL)]
    [InlineData(PagingMode.FourLevel, 0x0000_8000_0000_0000UL, 1UL)]
    [InlineData(PagingMode.FourLevel, 0x0000_7FFF_C000_0000UL, 2UL)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_FFFF_C000_0000UL, 2UL)]
    [InlineData(PagingMode.FiveLevel, 0x00FF_FFFF_C000_0000UL, 2UL)]
    [InlineData(PagingMode.FiveLevel, 0xFEFF_FFFF_C000_0000UL, 1UL)]
    public void A_base_that_is_misaligned_or_leaves_no_room_is_refused(PagingMode mode, ulong virtualBase, ulong gigabytes)
    {
        DirectMapOptions options = new() { Mode = mode, VirtualBase = new VirtualAddress(virtualBase) };
        Assert.Throws<ArgumentException>(nameof(DirectMapOptions.VirtualBase), () => Build(options, RangeAt(0, gigabytes * Giant)));
    }

    [Fact]
    public void The_last_GiB_of_the_address_space_can_be_a_map()
    {
        using HostDirectMap map = Build(
            new DirectMapOptions { VirtualBase = new VirtualAddress(0xFFFF_FFFF_C000_0000UL) }, RangeAt(0, Giant));
        AssertWhole(map);
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Giant - Small), 1));
        AssertWhole(map);
    }

    [Fact]
    public void More_RAM_than_the_window_holds_is_refused() =>
        Assert.Throws<ArgumentException>(nameof(DirectMapOptions.VirtualBase), () => Build(RangeAt(0x8000_0000_0000UL, Giant)));

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(1L)]
    [InlineData(3L)]
    public void Too_few_table_pages_for_the_build_are_refused(long pages) =>
        Assert.ThrowsAny<ArgumentException>(() => Build(new DirectMapOptions { MaxTablePages = pages }, RangeAt(0, Small)));

    [Fact]
    public void Exactly_enough_table_pages_suffice()
    {
        using HostDirectMap map = Build(new DirectMapOptions { MaxTablePages = 4 }, RangeAt(0, Small));
        AssertWhole(map);
    }

    [Fact]
    public void No_options_are_refused() => Assert.Throws<ArgumentNullException>("options", () => new HostDirectMap([], null!));

    [Fact]
    public void A_disposed_map_hands_out_nothing()
    {
        HostDirectMap map = Build(RangeAt(0, Giant));
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { PinnedMemoryView view = map.View(); });
        Assert.Throws<ObjectDisposedException>(() => map.SetMemory4K(At(0), 1));
    }
}
