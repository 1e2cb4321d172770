using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

public sealed class BuildTests
{
    [Theory]
    [InlineData(0UL, Giant, 0, 0, 1, 2)]
    [InlineData(Giant, Giant * 3, 0, 0, 3, 2)]
    [InlineData(0UL, Large, 0, 1, 0, 3)]
    [InlineData(0UL, Small, 1, 0, 0, 4)]
    [InlineData(Small, 0x4020_0000UL, 512, 512, 0, 6)]
    [InlineData(Large, Giant, 0, 512, 0, 4)]
    [InlineData(Giant - Small, Giant + (2 * Small), 2, 0, 1, 6)]
    [InlineData(0x0000_007F_C000_0000UL, Giant * 2, 0, 0, 2, 3)]
    public void RAM_is_mapped_with_the_largest_leaves_that_fit(
        ulong start, ulong length, long leaves4K, long leaves2M, long leaves1G, long tablePages)
    {
        using HostDirectMap map = Build(RangeAt(start, length));
        AssertLeaves(map, leaves4K, leaves2M, leaves1G);
        Assert.Equal(tablePages, map.Statistics.TablePages);
        Assert.Equal(tablePages, map.Statistics.PeakTablePages);
        Assert.Equal(leaves4K, map.Statistics.Peak4K);
        AssertWork(map, 0, 0, 0, 0, 0);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0x1234UL, 0x5000UL, 0x2000UL, 0x4000UL)]
    [InlineData(0x1000UL, 0x9EBFFUL, 0x1000UL, 0x9E000UL)]
    [InlineData(0xFFFUL, 0x1001UL, 0x1000UL, 0x1000UL)]
    public void Only_whole_pages_of_a_range_are_mapped(ulong start, ulong length, ulong mapped, ulong mappedLength)
    {
        using HostDirectMap map = Build(RangeAt(start, length), RangeAt(Giant, Giant));
        Assert.Equal(new PhysicalRange(At(mapped), mappedLength), map.Ram[0]);
        AssertWhole(map);
    }

    [Fact]
    public void Ranges_in_any_order_come_out_sorted_and_empty_ones_are_dropped()
    {
        using HostDirectMap map = Build(RangeAt(Giant, Large), RangeAt(0x700, 0x800), RangeAt(0, 0), RangeAt(0x1000, 0x3000));
        Assert.Equal([new PhysicalRange(At(0x1000), 0x3000), new PhysicalRange(At(Giant), Large)], map.Ram.ToArray());
    }

    [Fact]
    public void Ranges_that_touch_are_one()
    {
        using HostDirectMap map = Build(RangeAt(Large, Large), RangeAt(Large / 2, Large / 2), RangeAt(0, Large / 2));
        Assert.Equal([new PhysicalRange(At(0), 2 * Large)], map.Ram.ToArray());
        AssertLeaves(map, 0, 2, 0);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0xC61C_E018UL, 0xC61D_DC58UL, 0xC61D_E018UL, 0xC61E_E058UL)]
    [InlineData(0xC61C_E018UL, 0xC61C_E019UL, 0xC61C_E020UL, 0xC61C_EFFFUL)] // all in one page
    [InlineData(0xC61C_E000UL, 0xC61D_D000UL, 0xC61D_E000UL, 0xC61E_E000UL)]
    [InlineData(0x10_0001UL, 0x20_0001UL, 0x4000_0001UL, 0xC661_2FFFUL)]
    public void Ranges_that_touch_inside_pages_are_mapped_as_the_one_they_are(ulong first, ulong second, ulong third, ulong fourth)
    {
        const ulong End = 0xC661_3000UL;
        using HostDirectMap map = Build(
            RangeAt(third, fourth - third), RangeAt(0x1000, 0x9E000), RangeAt(fourth, End - fourth), RangeAt(second, third - second),
            RangeAt(0x10_0000, first - 0x10_0000), RangeAt(first, second - first), RangeAt(4 * Giant, Giant));
        AssertLeaves(map, 433, 562, 3);
        AssertWhole(map);
    }

    [Fact]
    public void A_page_of_which_a_byte_is_missing_is_not_mapped()
    {
        using HostDirectMap map = Build(RangeAt(0, 0x2800), RangeAt(0x2801, 0x37FF));
        Assert.Equal([new PhysicalRange(At(0), 0x2000), new PhysicalRange(At(0x3000), 0x3000)], map.Ram.ToArray());
    }

    [Theory]
    [InlineData(false, 0x067UL)]
    [InlineData(true, 0x063UL)]
    public void Tables_made_at_boot_have_the_flags_chosen_and_those_of_a_split_their_own(bool supervisor, ulong flags)
    {
        using HostDirectMap map = Build(
            new DirectMapOptions { Choices = ModelChoices.Default with { BootTablesAreSupervisor = supervisor } }, RangeAt(0, Small),
            RangeAt(Large, Large));
        PhysicalAddress table = map.State.Root;
        for (int level = 4; level > 1; level--)
        {
            Assert.True(map.View().TryRead(table + ((map.VirtualBase.Value >> (3 + (9 * level))) % 512 * 8), out ulong entry));
            Assert.Equal(flags, entry & 0xFFF);
            table = PhysicalAddress.Create(entry & 0x000F_FFFF_FFFF_F000UL);
            if (level != 3) continue;
            _ = map.SetMemory4K(At(Large), 1);
            Assert.True(map.View().TryRead(table + 8, out ulong split));
            Assert.Equal(0x063UL, split & 0xFFF);
        }
    }

    [Fact]
    public void Entries_look_as_Linux_writes_them()
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant + Large + Small));
        Assert.Equal(0x8000_0000_0000_01E3UL | Giant, Leaf(map, Giant).Value);
        Assert.Equal(0x8000_0000_0000_01E3UL | (2 * Giant), Leaf(map, 2 * Giant).Value);
        Assert.Equal(0x8000_0000_0000_0163UL | ((2 * Giant) + Large), Leaf(map, (2 * Giant) + Large).Value);
        for (int level = 4; level > 1; level--)
        {
            Assert.Equal(0x067UL, Entry(map, (2 * Giant) + Large, level).Value & 0xFFF);
        }
    }

    [Theory]
    [InlineData(PagingMode.FourLevel, 0UL, 0xFFFF_8880_0000_0000UL)]
    [InlineData(PagingMode.FiveLevel, 0UL, 0xFF11_0000_0000_0000UL)]
    [InlineData(PagingMode.FourLevel, 0xFFFF_9234_4000_0000UL, 0xFFFF_9234_4000_0000UL)]
    [InlineData(PagingMode.FourLevel, 0x0000_0040_0000_0000UL, 0x0000_0040_0000_0000UL)]
    [InlineData(PagingMode.FiveLevel, 0xFF23_4567_C000_0000UL, 0xFF23_4567_C000_0000UL)]
    public void The_map_stands_where_Linux_or_the_caller_puts_it(PagingMode mode, ulong asked, ulong expected)
    {
        DirectMapOptions options = new() { Mode = mode, VirtualBase = new VirtualAddress(asked) };
        using HostDirectMap map = Build(options, RangeAt(0x1000, 3 * Giant), RangeAt(0x80_0000_0000, Giant));
        Assert.Equal(expected, map.VirtualBase.Value);
        AssertWhole(map);
        PinnedMemoryView view = map.View();
        foreach (ulong pa in new[] { 0x1000UL, Giant + 0x12_3456, 0x80_3FFF_FFFFUL })
        {
            WalkResult result = PageWalker.Translate(ref view, map.State, map.ToVirtual(At(pa)), MemoryAccess.KernelWrite);
            Assert.True(result.IsMapped);
            Assert.Equal(pa, result.Address.Value);
            Assert.Equal(PagingRights.Write, result.Rights);
        }
    }

    [Fact]
    public void Without_gigabyte_pages_2M_is_the_largest()
    {
        DirectMapOptions options = new() { Processor = ProcessorModel.Genoa with { HasGigabytePages = false } };
        using HostDirectMap map = Build(options, RangeAt(0, 2 * Giant));
        AssertLeaves(map, 0, 1024, 0);
        AssertWhole(map);
    }

    [Fact]
    public void Tables_stand_at_the_first_GiB_boundary_above_RAM_or_where_asked()
    {
        using HostDirectMap above = Build(RangeAt(0, Giant + Small));
        Assert.Equal(2 * Giant, above.Tables.Start.Value);
        Assert.Equal(2 * Giant, above.State.Root.Value);
        using HostDirectMap asked = Build(new DirectMapOptions { TableBase = At(0x7000), MaxTablePages = 5 }, RangeAt(Giant, Giant));
        Assert.Equal(new PhysicalRange(At(0x7000), 0x5000), asked.Tables);
    }

    [Fact]
    public void By_default_there_are_table_pages_for_everything_in_4K_leaves()
    {
        DirectMapOptions options = new() { VirtualBase = new VirtualAddress(0xFFFF_92FF_C000_0000UL) };
        using HostDirectMap map = Build(options, RangeAt(Giant - Small, Giant + (2 * Small)), RangeAt(0x7F_FFFF_F000, Giant));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(0), ulong.MaxValue));
        AssertLeaves(map, (2 * 262_144) + 2, 0, 0);
        AssertWhole(map);
    }

    [Fact]
    public void Addresses_outside_RAM_have_no_mapping_whatever_their_bits()
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant), RangeAt(4 * Giant, Small));
        foreach (ulong pa in new[]
        {
            0UL, Giant - 1, 2 * Giant, (4 * Giant) - 1, (4 * Giant) + Small, (1UL << 48) + Giant, (1UL << 51) + Giant,
            PhysicalAddress.ValidMask,
        })
        {
            Assert.False(map.TryGetMapping(At(pa), out PageSize size));
            Assert.Equal(default, size);
            Assert.False(map.TryToPhysical(map.ToVirtual(At(pa)), out _));
        }
    }

    [Theory]
    [InlineData(Giant, PageSize.Size1G)]
    [InlineData((2 * Giant) - 1, PageSize.Size1G)]
    [InlineData(2 * Giant, PageSize.Size2M)]
    [InlineData((2 * Giant) + Large + 1, PageSize.Size4K)]
    public void Addresses_in_RAM_have_their_mapping_and_come_back(ulong pa, PageSize size)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant + Large + Small));
        Assert.True(map.TryGetMapping(At(pa), out PageSize found));
        Assert.Equal(size, found);
        Assert.True(map.TryToPhysical(map.ToVirtual(At(pa)), out PhysicalAddress back));
        Assert.Equal(pa, back.Value);
    }

    [Fact]
    public void Virtual_addresses_outside_the_map_have_no_physical_one()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        foreach (ulong va in new[]
        {
            0UL, map.VirtualBase.Value - 1, map.VirtualBase.Value + Giant, ulong.MaxValue, map.VirtualBase.Value - (1UL << 52),
        })
        {
            Assert.False(map.TryToPhysical(new VirtualAddress(va), out _));
        }
    }

    [Fact]
    public void Statistics_report_what_the_map_consists_of_and_what_was_done() => Assert.Equal(
        "512 leaves of 4K (peak 1024), 3 of 2M, 1 of 1G; 2 splits of 2M, 5 of 1G; 4 joins to 2M, 0 to 1G; 6 table pages (peak 7); "
        + "11 global flushes, 8 ranged",
        new DirectMapStatistics(512, 3, 1, 1024, 2, 5, 4, 0, 6, 7, 11, 8).ToString());
}
