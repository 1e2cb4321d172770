using System;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Rmp;

public class RmpCensusTests
{
    private const ulong Firmware = 0x8000_0000_0000_0005;
    private const ulong Guest = 0x4028_0000_4000_0001;
    private const ulong LargeGuest = 0x4028_0000_4000_0003;

    [Fact]
    public void An_empty_census_is_consistent()
    {
        RmpCensus census = new();
        census.Add(default, []);
        Assert.True(census.IsConsistent);
        Assert.Equal((0UL, 0UL, 0UL), (census.Pages, census.AssignedPages, census.CountedPages));
        Assert.True(census.FirstFindings.IsEmpty);
    }

    [Fact]
    public void Free_memory_is_the_hypervisors()
    {
        RmpCensus census = Census(new RmpEntry[3 * 512]);
        Assert.Equal((1536UL, 1536UL, 0UL), (census.Pages, census.PagesIn(PageState.Hypervisor), census.AssignedPages));
        Assert.True(census.IsConsistent);
    }

    [Fact]
    public void Chunks_of_free_memory_are_counted_at_once_and_one_entry_that_is_not_is_found_in_any()
    {
        const int Chunk = AssignedScan.ChunkWords / 2;
        RmpEntry[] entries = new RmpEntry[(2 * Chunk) + 512];
        RmpCensus free = Census(entries);
        Assert.Equal((ulong)entries.Length, free.Pages);
        Assert.Equal((ulong)entries.Length, free.PagesIn(PageState.Hypervisor));
        Assert.True(free.IsConsistent);
        foreach (int at in (int[])[1, Chunk - 1, Chunk + 1, (Chunk / 4) + 3, (2 * Chunk) - 1, entries.Length - 1])
        {
            entries[at] = new RmpEntry(Guest, 0x1F);
            RmpCensus one = Census(entries);
            Assert.Equal((ulong)entries.Length, one.Pages);
            Assert.Equal((1UL, 1UL), (one.AssignedPages, one.PagesIn(PageState.GuestValid)));
            Assert.Equal((ulong)entries.Length - 1, one.PagesIn(PageState.Hypervisor));
            Assert.Equal(1UL, one.FindingsOf(RmpCensusFindingKind.CountTooLow)); // its base entry counts none
            entries[at] = default;
        }
    }

    [Fact]
    public void A_region_of_firmwares_pages_has_a_count_of_511()
    {
        RmpEntry[] region = Filled(Firmware);
        region[0] = new RmpEntry(Firmware | 0xFF8, 0);
        RmpCensus census = Census(region);
        Assert.Equal((512UL, 512UL, 512UL), (census.PagesIn(PageState.Firmware), census.AssignedPages, census.CountedPages));
        Assert.Equal(512UL, census.PagesOf(0));
        Assert.True(census.IsConsistent);
    }

    [Fact]
    public void A_large_page_counts_512_whatever_firmware_left_in_its_sub_entries()
    {
        RmpEntry[] region = Filled(1);
        region[0] = new RmpEntry(LargeGuest, 0x1F);
        region[7] = new RmpEntry(0x4000_0000_0020_1001, 0x1F);
        RmpCensus census = Census(region);
        Assert.Equal(
            (1UL, 512UL, 512UL, 512UL), (census.LargePages, census.PagesIn(PageState.GuestValid), census.PagesOf(5), census.CountedPages));
        Assert.Equal(0UL, census.PagesIn(PageState.Reclaim));
        Assert.True(census.IsConsistent);
    }

    [Fact]
    public void VMSA_pages_are_counted_and_contexts_are_not_VMSA_pages()
    {
        RmpEntry[] region = Filled(0);
        region[0] = new RmpEntry(0x10, 0);
        region[1] = new RmpEntry(0x6010_FFFF_FFFF_F001, 0x1F);
        region[2] = new RmpEntry(0xA000_0000_0000_0005, 0);
        RmpCensus census = Census(region);
        Assert.Equal((1UL, 1UL, 1UL), (census.VmsaPages, census.PagesIn(PageState.Context), census.PagesOf(2)));
        Assert.True(census.IsConsistent);
    }

    [Theory]
    [InlineData(RmpCensusFindingKind.CountTooLow, 0, 0x8UL, new[] { 3, 4 }, 0x1UL, 0, 1UL, 2UL)]
    [InlineData(RmpCensusFindingKind.CountTooHigh, 0, 0x18UL, new[] { 3, 4 }, 0x1UL, 0, 3UL, 2UL)]
    [InlineData(RmpCensusFindingKind.CountOfSubpage, 5, 0UL, new[] { 5, 6 }, 0x8UL, 5, 0UL, 2UL)]
    [InlineData(RmpCensusFindingKind.LargeSubpage, 5, 0x8UL, new[] { 5 }, LargeGuest, 5, 0UL, 1UL)]
    [InlineData(RmpCensusFindingKind.InvalidState, 511, 0x0UL, new[] { 511 }, 0x4000_0000_0000_0000UL, 511, 0UL, 1UL)]
    [InlineData(RmpCensusFindingKind.InTransition, 5, 0x8UL, new[] { 5 }, 0x8028_0000_4000_0001UL, 5, 0UL, 1UL)]
    [InlineData(RmpCensusFindingKind.InTransition, 0, 0x1FF8_0000_0000_0001UL, new int[0], 0UL, 0, 0UL, 1UL)]
    [InlineData(RmpCensusFindingKind.InvalidState, 0, 0x1FF8_0000_0000_0000UL, new int[0], 0UL, 0, 0UL, 1UL)]
    public void What_is_wrong_in_a_small_region_is_found(
        RmpCensusFindingKind kind, int page, ulong top, int[] places, ulong low, int at, ulong recorded, ulong found)
    {
        ArgumentNullException.ThrowIfNull(places);
        RmpEntry[] region = Filled(0);
        region[0] = new RmpEntry(top, 0);
        foreach (int place in places)
        {
            region[place] = new RmpEntry(low, 0);
        }

        RmpCensus census = Census(region);
        Assert.False(census.IsConsistent);
        RmpCensusFinding finding = census.FirstFindings.ToArray().Single(one => one.Kind == kind);
        Assert.Equal(
            (PhysicalAddress.Create(Start + ((ulong)page << 12)), recorded, found), (finding.Page, finding.Recorded, finding.Found));
        Assert.Equal(kind is RmpCensusFindingKind.CountTooLow or RmpCensusFindingKind.CountTooHigh ? 1 : found, census.FindingsOf(kind));
        Assert.Equal(page, at);
    }

    [Fact]
    public void A_lost_sub_page_is_found_and_has_no_owner()
    {
        RmpEntry[] region = Filled(1);
        region[0] = new RmpEntry(LargeGuest, 0x1F);
        region[9] = default;
        region[10] = default;
        RmpCensus census = Census(region);
        Assert.Equal(
            [new RmpCensusFinding(RmpCensusFindingKind.LostSubpage, PhysicalAddress.Create(Start + 0x9000), 5, 0, 2)],
            census.FirstFindings.ToArray());
        Assert.Equal(
            (510UL, 512UL, 510UL, 2UL), (census.AssignedPages, census.CountedPages, census.PagesOf(5), census.PagesIn(PageState.Invalid)));
        Assert.Equal(2UL, census.FindingsOf(RmpCensusFindingKind.LostSubpage));
    }

    [Fact]
    public void A_large_page_with_a_count_or_without_an_owner_is_found()
    {
        RmpEntry[] region = Filled(1);
        region[0] = new RmpEntry(LargeGuest | 0x18, 0x1F);
        Assert.Equal(
            [new RmpCensusFinding(RmpCensusFindingKind.CountOfLargePage, PhysicalAddress.Create(Start), 5, 3, 0)],
            Census(region).FirstFindings.ToArray());
        region = Filled(0);
        region[0] = new RmpEntry(2, 0);
        RmpCensus unassigned = Census(region);
        Assert.Equal(1UL, unassigned.FindingsOf(RmpCensusFindingKind.UnassignedLargePage));
        Assert.Equal(0UL, unassigned.CountedPages);
    }

    [Fact]
    public void Counters_are_held_against_the_pages()
    {
        RmpEntry[] region = Filled(0);
        region[0] = new RmpEntry(0x10, 0);
        region[1] = new RmpEntry(Guest, 0x1F);
        region[2] = new RmpEntry(Guest + 0x1000, 0x1F);
        ulong[] counters = new ulong[2048];
        counters[0] = 77;
        counters[5] = 2;
        RmpCensus right = Census(region);
        right.CompareCounters(counters);
        Assert.True(right.IsConsistent);
        counters[5] = 1;
        counters[2047] = 4;
        RmpCensus wrong = Census(region);
        wrong.CompareCounters(counters);
        Assert.Equal(
            [new RmpCensusFinding(RmpCensusFindingKind.AsidCounter, default, 5, 1, 2),
                new RmpCensusFinding(RmpCensusFindingKind.AsidCounter, default, 2047, 4, 0)],
            wrong.FirstFindings.ToArray());
    }

    [Fact]
    public void Findings_beyond_the_first_are_counted_only()
    {
        RmpEntry[] table = new RmpEntry[100 * 512];
        for (int region = 0; region < 100; region++)
        {
            table[region * 512] = new RmpEntry(8, 0);
        }

        RmpCensus census = Census(table);
        Assert.Equal(RmpCensus.FindingCapacity, census.FirstFindings.Length);
        Assert.Equal(100UL, census.FindingsOf(RmpCensusFindingKind.CountTooHigh));
    }

    [Fact]
    public void Regions_that_are_not_whole_are_refused()
    {
        RmpCensus census = new();
        Assert.Throws<ArgumentException>(() => census.Add(default, new RmpEntry[511]));
        Assert.Throws<ArgumentException>(() => census.Add(PhysicalAddress.Create(0x1000), new RmpEntry[512]));
        Assert.Equal((0UL, 0UL, 0UL), (census.PagesOf(0x3FF), census.PagesIn((PageState)99), census.FindingsOf((RmpCensusFindingKind)99)));
    }

    [Fact]
    public void What_the_instructions_leave_is_consistent()
    {
        using ReverseMapTable<ContiguousGeometry> table = new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x20_0000), 0x400_0000), ProcessorModel.Genoa);
        table.ClaimOwnPages();
        Random random = new(11);
        for (int i = 0; i < 20_000; i++)
        {
            PageSize size = (PageSize)random.Next(2);
            // 2 MiB pages stay in the upper half
            PhysicalAddress page = PhysicalAddress.Create((ulong)random.Next(size == PageSize.Size4K ? 0x2000 : 0x4000) << 12)
                .AlignDown(size);
            bool assigned = random.Next(3) != 0;
            RmpUpdateOperand operand = new RmpUpdateOperand
            {
                Assigned = assigned,
                PageSize = size,
                Asid = assigned ? (uint)random.Next(4) : 0,
                Gpa = (ulong)random.Next(64) << 12,
            };
            table.RmpUpdate(ExecutionState.Host, page, operand);
            if (random.Next(3000) == 0) table.PSmash(ExecutionState.Host, page.AlignDown(PageSize.Size2M));
        }

        RmpCensus census = new();
        for (ulong start = 0; start < 0x400_0000; start += 0x20_0000)
        {
            census.Add(PhysicalAddress.Create(start), table.Region(PhysicalAddress.Create(start)));
        }

        ulong[] counters = [.. Enumerable.Range(0, 2048).Select(asid => table.AssignedPages((uint)asid))];
        census.CompareCounters(counters);
        Assert.Equal([], census.FirstFindings.ToArray());
        Assert.Equal(census.CountedPages, census.AssignedPages);
        Assert.True(census.LargePages > 0 && census.PagesOf(3) > 0);
    }

    private const ulong Start = 0x4000_0000;

    private static RmpEntry[] Filled(ulong low)
    {
        RmpEntry[] region = new RmpEntry[512];
        Array.Fill(region, new RmpEntry(low, 0));
        if (low != 0) region[0] = default;
        return region;
    }

    private static RmpCensus Census(RmpEntry[] entries)
    {
        RmpCensus census = new();
        census.Add(PhysicalAddress.Create(Start), entries);
        return census;
    }
}
