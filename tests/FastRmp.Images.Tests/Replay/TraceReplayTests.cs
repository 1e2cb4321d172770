using System;
using System.Collections.Generic;
using System.Threading;
using FastRmp.DirectMap;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Replay;

/// <summary>Small traces whose counts can be worked out by hand. 8 MiB of RAM: four leaves of 2 MiB, frames 0 to 0x7FF.</summary>
public class TraceReplayTests
{
    private static readonly ReplayCounts Nothing = new()
    {
        GuestPages = 0,
        HostWrites = 0,
        RmpUpdates = 0,
        PSmashes = 0,
        Violations = 0,
        Handled = 0,
        Fatal = 0,
        Splits1G = 0,
        Splits2M = 0,
        Rejoins2M = 0,
        Rejoins1G = 0,
        Stale = 0,
        Outside = 0,
        OwnedAtEnd = 0,
    };

    [Fact]
    public void A_guest_page_is_assigned_once_and_released_once_and_is_no_host_write() =>
        Assert.Equal(Nothing with { GuestPages = 1, RmpUpdates = 2 }, Replays.Run(new TraceText().Assign(5).Free(5)).Counts);

    [Fact]
    public void A_guest_that_never_frees_owns_its_pages_at_the_end() =>
        Assert.Equal(
            Nothing with { GuestPages = 9, RmpUpdates = 9, OwnedAtEnd = 9 }, Replays.Run(new TraceText().Assign(8, 3).Assign(1)).Counts);

    [Fact]
    public void A_host_block_is_written_page_by_page() =>
        Assert.Equal(Nothing with { HostWrites = 17 }, Replays.Run(new TraceText().Write(16, 4).Write(3).Free(16, 4).Free(3)).Counts);

    [Fact]
    public void A_guest_task_is_host_where_the_block_is_not_movable() =>
        Assert.Equal(
            Nothing with { HostWrites = 2 },
            Replays.Run(new TraceText().Allocate(4, 0, TraceText.Guest, 0).Allocate(5, 0, TraceText.Guest, 2)).Counts);

    [Fact]
    public void A_movable_block_of_another_task_is_host() =>
        Assert.Equal(Nothing with { HostWrites = 1 }, Replays.Run(new TraceText().Allocate(4, 0, TraceText.Host, 1)).Counts);

    [Theory]
    [InlineData(0x200, 9, 1)] // one 2 MiB block
    [InlineData(0x400, 10, 2)] // two
    [InlineData(0x800, 11, 4)]
    [InlineData(0x210, 9, 512)] // not aligned: page by page
    [InlineData(0x100, 10, 1024)]
    [InlineData(0x200, 8, 256)] // aligned and too small
    public void Aligned_blocks_of_order_9_and_more_become_2_MiB_entries(ulong frame, int order, long updates)
    {
        PhysicalRange[] ram = [Replays.Range(0, 16 * Replays.MiB)];
        TraceText text = new TraceText().Assign(frame, order);
        Assert.Equal(
            Nothing with { GuestPages = 1L << order, RmpUpdates = updates, OwnedAtEnd = 1L << order },
            Replays.Run(text, ram, "never").Counts);
        Assert.Equal(
            Nothing with { GuestPages = 1L << order, RmpUpdates = updates * 2 }, Replays.Run(text.Free(frame, order), ram, "never").Counts);
    }

    [Fact]
    public void With_4K_entries_only_a_2_MiB_block_is_assigned_page_by_page()
    {
        ReplayOptions options = new() { LargeEntries = false };
        TraceText text = new TraceText().Assign(0x200, 9).Free(0x200, 9);
        Assert.Equal(Nothing with { GuestPages = 512, RmpUpdates = 1024 }, Replays.Run(text, options: options).Counts);
    }

    [Fact]
    public void Freeing_part_of_a_2_MiB_entry_smashes_it_once()
    {
        TraceText text = new TraceText().Assign(0x200, 9).Free(0x204, 2);
        Assert.Equal(Nothing with { GuestPages = 512, RmpUpdates = 5, PSmashes = 1, OwnedAtEnd = 508 }, Replays.Run(text).Counts);
        Assert.Equal(
            Nothing with { GuestPages = 512, RmpUpdates = 6, PSmashes = 1, OwnedAtEnd = 507 }, Replays.Run(text.Free(0x208)).Counts);
    }

    [Fact]
    public void A_larger_free_releases_2_MiB_entries_whole_and_the_rest_by_4K()
    {
        // Of the four regions the first is one entry, the second has two 4K pages, the third is one entry, the last has nothing.
        PhysicalRange[] ram = [Replays.Range(0, 16 * Replays.MiB)];
        TraceText text = new TraceText().Assign(0x800, 9).Assign(0xA10).Assign(0xBFF).Assign(0xC00, 9).Free(0x800, 11);
        Assert.Equal(Nothing with { GuestPages = 1026, RmpUpdates = 8 }, Replays.Run(text, ram, "never").Counts);
    }

    [Fact]
    public void Any_task_that_frees_a_guest_page_releases_it() =>
        Assert.Equal(
            Nothing with { GuestPages = 1, RmpUpdates = 2 }, Replays.Run(new TraceText().Assign(5).Free(5, 0, "kworker/1:0")).Counts);

    [Fact]
    public void Freeing_an_unowned_page_does_nothing() =>
        Assert.Equal(
            Nothing with { GuestPages = 1, RmpUpdates = 2 }, Replays.Run(new TraceText().Free(0, 11).Assign(5).Free(5).Free(5)).Counts);

    [Fact]
    public void Owned_pages_that_are_allocated_again_are_stale_and_released_first()
    {
        TraceText text = new TraceText().Assign(4, 1).Write(4, 2);
        Assert.Equal(Nothing with { GuestPages = 2, RmpUpdates = 4, Stale = 2, HostWrites = 4 }, Replays.Run(text).Counts);
    }

    [Fact]
    public void A_guest_may_allocate_stale_pages_of_another_one()
    {
        TraceText text = new TraceText().Assign(4).Assign(4, 0, TraceText.OtherGuest);
        Assert.Equal(Nothing with { GuestPages = 2, RmpUpdates = 3, Stale = 1, OwnedAtEnd = 1 }, Replays.Run(text).Counts);
    }

    [Fact]
    public void A_stale_2_MiB_entry_is_smashed_and_released_by_4K_even_if_it_is_covered_whole()
    {
        TraceText text = new TraceText().Assign(0x200, 9).Assign(0x200, 9);
        Assert.Equal(
            Nothing with { GuestPages = 1024, RmpUpdates = 514, PSmashes = 1, Stale = 512, OwnedAtEnd = 512 }, Replays.Run(text).Counts);
    }

    [Fact]
    public void A_stale_page_inside_a_2_MiB_entry_leaves_the_others_owned()
    {
        TraceText text = new TraceText().Assign(0x200, 9).Write(0x2FF);
        Assert.Equal(
            Nothing with
            {
                GuestPages = 512,
                RmpUpdates = 2,
                PSmashes = 1,
                Stale = 1,
                OwnedAtEnd = 511,
                HostWrites = 1,
                Violations = 1,
                Fatal = 1,
            },
            Replays.Run(text).Counts);
    }

    [Fact]
    public void Blocks_whose_first_or_last_page_is_no_RAM_are_skipped_whole_and_counted_once()
    {
        PhysicalRange[] ram = [Replays.Range(0x10_0000, 0x10_0000), Replays.Range(0x40_0000, 0x40_0000)];
        TraceText text = new TraceText()
            .Assign(0xFF) // below
            .Assign(0x1FF, 1) // ends outside
            .Write(0xFE, 2) // begins outside
            .Free(0x800) // behind the end
            .Fail(); // no block at all
        Assert.Equal(Nothing with { Outside = 4 }, Replays.Run(text, ram, "eager").Counts);
    }

    [Fact]
    public void The_last_page_of_RAM_is_RAM_and_a_part_of_a_page_is_not()
    {
        PhysicalRange[] ram = [Replays.Range(0x1000, 0x9EC00)];
        Assert.Equal(
            Nothing with { HostWrites = 1, Outside = 2 },
            Replays.Run(new TraceText().Write(0x9E).Write(0x9F).Free(0), ram, "never").Counts);
    }

    [Theory]
    [InlineData("page=0000000000000000 pfn=0x0")]
    [InlineData("page=(null) pfn=0")]
    [InlineData("page=00000000f3a2b1c4 pfn=0x0")] // the null pointer, hashed like any other
    [InlineData("page=(null) pfn=0xffffffffffffffff")]
    [InlineData("pfn=-1")]
    public void A_failed_allocation_assigns_no_page_with_and_without_a_listing(string block)
    {
        const string Fields = " order=9 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE";
        TraceText text = new TraceText()
            .Line(TraceText.Guest, "mm_page_alloc: " + block + Fields)
            .Line(TraceText.OtherGuest, "mm_page_alloc: " + block + Fields)
            .Assign(0x1A0)
            .Write(3);
        foreach (string policy in TraceReplay.PolicyNames)
        {
            Assert.Equal((1, 1, 0), Owned(Replays.Run(text, policy).Counts));
        }

        using PageTrace trace = text.Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        Assert.Equal((1, 4, 2), (plan.Guests, trace.AllocationCount, trace.FailedAllocationCount));
        Assert.Equal((1, 1, 0), Owned(TraceReplay.Run("never", plan).Counts));
        static (long, long, long) Owned(ReplayCounts counts) => (counts.GuestPages, counts.OwnedAtEnd, counts.Outside);
    }

    [Theory]
    [InlineData("mm_page_free_direct")]
    [InlineData("mm_page_free_batched")]
    [InlineData("mm_pagevec_free")]
    [InlineData("kmem:mm_page_free")]
    public void A_release_by_another_name_releases(string name)
    {
        TraceText text = new TraceText().Assign(5).Line(TraceText.Host, name + ": page=ffffea0000000140 pfn=5 order=0 cold=0");
        Assert.Equal(Nothing with { GuestPages = 1, RmpUpdates = 2 }, Replays.Run(text).Counts);
    }

    [Theory]
    [InlineData("mm_page_pcpu_drain", "order=0 migratetype=1")]
    [InlineData("mm_page_alloc_zone_locked", "order=0 migratetype=1 cpu=3 percpu_refill=1")]
    public void A_move_between_the_allocators_lists_is_neither(string name, string fields)
    {
        TraceText text = new TraceText()
            .Assign(5)
            .Line(TraceText.Guest, name + ": page=ffffea0000000140 pfn=5 " + fields)
            .Line(TraceText.Guest, name + ": page=ffffea0000000140 pfn=6 " + fields);
        Assert.Equal(Nothing with { GuestPages = 1, RmpUpdates = 1, OwnedAtEnd = 1 }, Replays.Run(text).Counts);
    }

    [Theory]
    [InlineData("never", 1, 0, 1, 0, 0, 0)]
    [InlineData("eager", 0, 0, 0, 1, 0, 512)]
    [InlineData("eager+rejoin", 0, 0, 0, 1, 1, 512)]
    [InlineData("level-aware", 0, 0, 0, 1, 0, 512)]
    [InlineData("level-aware+rejoin", 0, 0, 0, 1, 1, 512)]
    [InlineData("on-demand", 1, 1, 0, 1, 0, 512)]
    [InlineData("on-demand+rejoin", 1, 1, 0, 1, 1, 512)]
    public void A_guest_page_beside_a_host_page(
        string policy, long violations, long handled, long fatal, long splits, long rejoins, long peak)
    {
        ReplayResult result = Replays.Run(new TraceText().Assign(5).Write(6).Free(5), policy);
        Assert.Equal(
            Nothing with
            {
                GuestPages = 1,
                HostWrites = 1,
                RmpUpdates = 2,
                Violations = violations,
                Handled = handled,
                Fatal = fatal,
                Splits2M = splits,
                Rejoins2M = rejoins,
            },
            result.Counts);
        Assert.Equal(new LeafCounts(0, 4, 0), result.Start);
        Assert.Equal(splits == rejoins ? new LeafCounts(0, 4, 0) : new LeafCounts(0, 3, 512), result.End);
        Assert.Equal(peak, result.Peak4K);
        Assert.Equal(policy, result.Policy);
    }

    [Theory]
    [InlineData("never", 0, false)]
    [InlineData("eager", 1, false)]
    [InlineData("eager+rejoin", 1, true)]
    [InlineData("level-aware", 0, false)]
    [InlineData("level-aware+rejoin", 0, true)]
    [InlineData("on-demand", 0, false)]
    [InlineData("on-demand+rejoin", 0, true)]
    public void A_2_MiB_entry_is_split_for_by_eager_only(string policy, long splits, bool rejoins)
    {
        ReplayResult result = Replays.Run(new TraceText().Assign(0x200, 9).Write(0x400).Free(0x200, 9), policy);
        Assert.Equal(
            Nothing with { GuestPages = 512, HostWrites = 1, RmpUpdates = 2, Splits2M = splits, Rejoins2M = rejoins ? splits : 0 },
            result.Counts);
    }

    [Theory]
    [InlineData("never", 3, 0, 3, 0)]
    [InlineData("on-demand", 1, 1, 0, 1)]
    public void Each_write_that_violates_counts_and_one_split_resolves_the_rest(
        string policy, long violations, long handled, long fatal, long splits)
    {
        ReplayResult result = Replays.Run(new TraceText().Assign(5).Write(6).Write(7).Write(8).Write(0x200), policy);
        Assert.Equal(
            Nothing with
            {
                GuestPages = 1,
                HostWrites = 4,
                RmpUpdates = 1,
                Violations = violations,
                Handled = handled,
                Fatal = fatal,
                Splits2M = splits,
                OwnedAtEnd = 1,
            },
            result.Counts);
    }

    [Fact]
    public void On_demand_takes_one_page_of_a_1_GiB_leaf_to_4K_and_leaves_the_rest_in_2M()
    {
        PhysicalRange[] ram = [Replays.Range(0, 2 * Replays.GiB)];
        TraceText text = new TraceText().Assign(0x1_2345).Write(0x1_2346).Write(0x4_0000);
        ReplayResult result = Replays.Run(text, ram, "on-demand");
        Assert.Equal(
            Nothing with
            {
                GuestPages = 1,
                HostWrites = 2,
                RmpUpdates = 1,
                Violations = 1,
                Handled = 1,
                Splits1G = 1,
                Splits2M = 1,
                OwnedAtEnd = 1,
            },
            result.Counts);
        Assert.Equal(new LeafCounts(2, 0, 0), result.Start);
        Assert.Equal(new LeafCounts(1, 511, 512), result.End);
    }

    [Fact]
    public void A_write_to_another_2_MiB_of_the_same_1_GiB_leaf_is_no_violation()
    {
        PhysicalRange[] ram = [Replays.Range(0, Replays.GiB)];
        ReplayResult result = Replays.Run(new TraceText().Assign(0x200).Write(0x400), ram, "never");
        Assert.Equal(0, result.Counts.Violations);
    }

    [Fact]
    public void Rejoin_restores_a_1_GiB_leaf_when_the_last_of_its_regions_is_whole()
    {
        PhysicalRange[] ram = [Replays.Range(0, Replays.GiB)];
        TraceText text = new TraceText().Assign(0x200).Assign(0x400).Free(0x200);
        ReplayResult half = Replays.Run(text, ram, "eager+rejoin");
        Assert.Equal(new LeafCounts(0, 511, 512), half.End);
        Assert.Equal((2, 1, 1, 0), (half.Counts.Splits2M, half.Counts.Splits1G, half.Counts.Rejoins2M, half.Counts.Rejoins1G));
        ReplayResult whole = Replays.Run(text.Free(0x400), ram, "eager+rejoin");
        Assert.Equal(new LeafCounts(1, 0, 0), whole.End);
        Assert.Equal((2, 1, 2, 1), (whole.Counts.Splits2M, whole.Counts.Splits1G, whole.Counts.Rejoins2M, whole.Counts.Rejoins1G));
    }

    [Fact]
    public void Rejoin_waits_for_the_last_owned_page_of_the_region()
    {
        TraceText text = new TraceText().Assign(1).Assign(2).Free(1);
        Assert.Equal(0, Replays.Run(text, "eager+rejoin").Counts.Rejoins2M);
        Assert.Equal(1, Replays.Run(text.Free(2), "eager+rejoin").Counts.Rejoins2M);
    }

    [Fact]
    public void Leaves_that_were_small_at_the_start_stay_small()
    {
        PhysicalRange[] ram = [Replays.Range(0x1000, (2 * Replays.MiB) - 0x1000), Replays.Range(2 * Replays.MiB, 2 * Replays.MiB)];
        ReplayResult result = Replays.Run(new TraceText().Assign(1).Free(1), ram, "eager+rejoin");
        Assert.Equal(new LeafCounts(0, 1, 511), result.End);
        Assert.Equal(511, result.Peak4K);
        Assert.Equal(0, result.Counts.Splits2M);
    }

    [Fact]
    public void A_release_by_4K_makes_eager_split_what_was_not_split_before()
    {
        // level-aware: assigned as 2 MiB without a split; freed in part, which splits for the 4K releases.
        ReplayResult result = Replays.Run(new TraceText().Assign(0x200, 9).Free(0x200), "level-aware");
        Assert.Equal(Nothing with { GuestPages = 512, RmpUpdates = 2, PSmashes = 1, Splits2M = 1, OwnedAtEnd = 511 }, result.Counts);
    }

    [Fact]
    public void Guest_addresses_are_consecutive_and_2_MiB_entries_take_the_next_aligned_one()
    {
        using PageTrace trace = new TraceText()
            .Assign(3)
            .Assign(4)
            .Assign(0x200, 9)
            .Assign(5)
            .Assign(9, 0, TraceText.OtherGuest)
            .Assign(0x400, 9)
            .Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        SnpHost<ContiguousGeometry, Never> host = plan.CreateHost<Never>();
        using ReverseMapTable<ContiguousGeometry> table = host.Table;
        using HostDirectMap map = host.DirectMap;
        new ReplayRun<Never>(plan, host, CancellationToken.None).Run(null);
        Assert.Equal((1U, 0UL, PageSize.Size4K), Owner(table, 3));
        Assert.Equal((1U, 0x1000UL, PageSize.Size4K), Owner(table, 4));
        Assert.Equal((1U, 0x20_0000UL, PageSize.Size2M), Owner(table, 0x200));
        Assert.Equal((1U, 0x40_0000UL, PageSize.Size4K), Owner(table, 5));
        Assert.Equal((2U, 0UL, PageSize.Size4K), Owner(table, 9));
        Assert.Equal((1U, 0x60_0000UL, PageSize.Size2M), Owner(table, 0x400));
    }

    [Fact]
    public void Replays_on_several_threads_at_once_do_not_disturb_each_other()
    {
        TraceText text = new();
        for (ulong frame = 0; frame < 0x800; frame += 2)
        {
            text.Assign(frame).Write(frame + 1);
        }

        using PageTrace trace = text.Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        ReplayResult alone = TraceReplay.Run("on-demand", plan);
        ReplayResult?[] together = new ReplayResult?[4];
        List<Thread> threads = [];
        for (int i = 0; i < together.Length; i++)
        {
            int mine = i;
            threads.Add(new Thread(() => together[mine] = TraceReplay.Run("on-demand", plan)));
            threads[i].Start();
        }

        threads.ForEach(thread => thread.Join());
        Assert.All(together, result => Assert.Equal(alone, result));
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        Assert.Equal(AllocatedBy(600), AllocatedBy(4000)); // more than are unpacked at once
    }

    [Fact]
    public void A_cancelled_replay_ends()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        using PageTrace trace = new TraceText().Assign(1).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        Assert.Throws<OperationCanceledException>(() => TraceReplay.Run("eager", plan, null, source.Token));
    }

    [Fact]
    public void Progress_ends_with_the_number_of_events()
    {
        TraceText text = new();
        for (ulong i = 0; i < 40_000; i++)
        {
            text.Free(i % 64);
        }

        using PageTrace trace = text.Read();
        List<long> reported = [];
        TraceReplay.Run("never", ReplayPlan.Create(trace, new ReplayOptions()), reported.Add);
        Assert.Equal([16_384, 32_768, 40_000], reported);
    }

    [Fact]
    public void A_name_that_is_no_policy_is_refused()
    {
        using PageTrace trace = new TraceText().Assign(1).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => TraceReplay.Run("never+rejoin", plan));
        Assert.StartsWith(
            "There is no policy 'never+rejoin'; there are never, eager, eager+rejoin,", refusal.Message, StringComparison.Ordinal);
    }

    private static (uint Asid, ulong Gpa, PageSize Size) Owner(ReverseMapTable<ContiguousGeometry> table, ulong frame)
    {
        RmpLookup lookup = table.Lookup(PhysicalAddress.FromPageNumber(frame));
        return (lookup.Entry.Asid, lookup.Entry.Gpa.Value, lookup.Size);
    }

    private static long AllocatedBy(int rounds)
    {
        TraceText text = new();
        for (int round = 0; round < rounds; round++)
        {
            text.Assign(5).Write(6).Free(5).Assign(0x200, 9).Free(0x204, 2).Write(0x204, 2).Free(0x200, 9);
        }

        using PageTrace trace = text.Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        return Allocations.Least(() => AllocatedByOne(plan));
    }

    private static long AllocatedByOne(ReplayPlan plan)
    {
        SnpHost<ContiguousGeometry, Rejoining<OnDemand>> host = plan.CreateHost<Rejoining<OnDemand>>();
        using ReverseMapTable<ContiguousGeometry> table = host.Table;
        using HostDirectMap map = host.DirectMap;
        ReplayRun<Rejoining<OnDemand>> run = new(plan, host, CancellationToken.None);
        return Allocations.Of(() => _ = run.Run(null));
    }
}
