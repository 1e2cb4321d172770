using System;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Replay;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>Each policy's own rule, on a map of eight regions.</summary>
public class MapStudyTests
{
    private const long Tenth = MapStudy.TickNanoseconds;

    [Fact]
    public void By_time_a_region_is_joined_after_it_was_empty_for_a_tenth_of_a_second()
    {
        (MapStudy map, MapRun run) = Start("level-aware+time");
        map.At(10);
        map.Update(3, 1, PageSize.Size4K, assigned: true);
        map.Update(512 + 3, 1, PageSize.Size4K, assigned: true);
        map.Update(3, 1, PageSize.Size4K, assigned: false);
        map.At(20);
        map.Update(512 + 3, 1, PageSize.Size4K, assigned: false);
        map.At((2 * Tenth) - 1);
        Assert.Equal((0, 2), (run.Joins2M, run.GlobalFlushes)); // when the worker looked they were not empty for long enough
        map.At(2 * Tenth);
        Assert.Equal((2, 3), (run.Joins2M, run.GlobalFlushes));
    }

    [Fact]
    public void By_time_a_region_that_was_refilled_waits_anew()
    {
        (MapStudy map, MapRun run) = Start("level-aware+time");
        map.At(0);
        Own(map, 3, true);
        Own(map, 3, false);
        map.At(Tenth / 2);
        Own(map, 3, true);
        map.At(Tenth - 1);
        Own(map, 3, false);
        map.At(Tenth);
        Assert.Equal(0, run.Joins2M);
        map.At(2 * Tenth);
        Assert.Equal((1, 1), (run.Joins2M, run.Splits2M));
    }

    [Fact]
    public void When_idle_an_access_of_the_host_makes_it_wait()
    {
        (MapStudy map, MapRun run) = Start("level-aware+idle");
        map.At(0);
        Own(map, 3, true);
        Own(map, 3, false);
        map.At(Tenth / 2);
        map.Write(9, 1, isAllocation: true);
        map.At(Tenth);
        Assert.Equal(0, run.Joins2M);
        map.At(2 * Tenth);
        Assert.Equal(1, run.Joins2M);
    }

    [Fact]
    public void By_count_sixteen_regions_share_a_flush()
    {
        (MapStudy map, MapRun run) = Start("level-aware+count", 32);
        map.At(0);
        for (ulong region = 0; region < 16; region++)
        {
            Own(map, region * 512, true);
            Own(map, region * 512, false);
            if (region == 7) Own(map, region * 512, true); // not joinable at the end
        }

        Assert.Equal(0, run.Joins2M);
        Own(map, 20 * 512, true);
        Own(map, 20 * 512, false);
        Assert.Equal((16, 17 + 1), (run.Joins2M, run.GlobalFlushes));
        Assert.Equal(1, run.Tables);
    }

    [Fact]
    public void CPAs_rule_joins_what_the_fault_handler_split_and_nothing_that_was_split_before_an_update()
    {
        (MapStudy map, MapRun run) = Start("level-aware+cpa");
        Own(map, 3, true);
        Own(map, 3, false);
        Assert.Equal((1, 0), (run.Splits2M, run.Joins2M));
        (map, run) = Start("on-demand+cpa");
        Own(map, 3, true);
        map.Write(4, 1, isAllocation: true);
        Own(map, 3, false);
        Assert.Equal((1, 1), (run.Splits2M, run.Joins2M));
    }

    [Fact]
    public void Debt_is_what_small_leaves_cost_since_the_guests_left_and_the_table_waits_for_the_next_flush()
    {
        StudyCosts costs = new() { Cpus = 1, Refill = 0 };
        MapStudy map = new([Replays.Range(0, 16 * Replays.MiB)], gigabytePages: true, [MapPolicies.Find("neighbour+debt")!], costs);
        MapRun run = map.Runs[0];
        ulong next = 0;
        double limit = 0.375 * (costs.Split + costs.JoinRiding);
        map.At(0);
        Own(map, 3, true);
        Miss(1000); // beside the guest's page: splits, and is no debt
        Assert.True(Row(map, run).Cost.Tlb > limit);
        Own(map, 3, false);
        double before = Row(map, run).Cost.Tlb;
        while (Row(map, run).Cost.Tlb - before < limit - 100)
        {
            Miss(1);
        }

        Assert.Equal((1, 0), (run.Splits2M, run.Joins2M));
        Own(map, 3, true);
        map.Write(8, 1, isAllocation: true);
        Own(map, 3, false);
        before = Row(map, run).Cost.Tlb;
        for (int i = 0; i < 10_000; i++)
        {
            map.Write(8, 1, isAllocation: true); // its translation is there: costs nothing
        }

        Assert.Equal((before, 0), (Row(map, run).Cost.Tlb, run.Joins2M));
        while (Row(map, run).Cost.Tlb - before < limit)
        {
            Assert.Equal(0, run.Joins2M);
            Miss(1);
        }

        Assert.Equal((1, 1, 1), (run.Joins2M, run.GlobalFlushes, run.Tables));
        Own(map, 512 + 3, true);
        map.Write(512 + 4, 1, isAllocation: true);
        Assert.Equal((2, 2, 1), (run.Splits2M, run.GlobalFlushes, run.Tables));

        // more groups of four pages than the first level has entries, again and again
        void Miss(int times)
        {
            for (; times > 0; times--)
            {
                map.Write(next = (next + 4) % 512, 1, isAllocation: true);
            }
        }
    }

    [Fact]
    public void A_neighbour_splits_before_the_write_and_in_the_handler_where_no_allocation_tells()
    {
        (MapStudy map, MapRun run) = Start("neighbour");
        Own(map, 3, true);
        Assert.Equal(0, run.Splits2M);
        map.Write(4, 1, isAllocation: true);
        Assert.Equal((1, 0, 1), (run.Splits2M, run.Violations, run.AdvisedBlocks));
        Own(map, 512 + 3, true);
        map.Write(512 + 4, 1, isAllocation: false);
        Assert.Equal((2, 1, 1, 0), (run.Splits2M, run.Violations, run.Handled, run.Fatal));
        map.Write(512 + 3, 1, isAllocation: false); // the guest's own page
        Assert.Equal((2, 1), (run.Violations, run.Fatal));
    }

    [Fact]
    public void A_1G_leaf_goes_to_4K_under_one_flush_or_two_and_comes_back()
    {
        foreach ((string name, long flushes) in ((string, long)[])[("neighbour+rejoin", 1), ("on-demand+rejoin", 2)])
        {
            (MapStudy map, MapRun run) = Start(name, 512);
            Own(map, 3, true);
            map.Write(4, 1, isAllocation: true);
            Assert.Equal((1, 1, flushes, 2), (run.Splits1G, run.Splits2M, run.GlobalFlushes, run.Tables));
            Assert.Equal(new LeafCounts(0, 511, 512), MapStudy.Leaves(run));
            Own(map, 3, false);
            Assert.Equal((1, 1, flushes + 1, 0), (run.Joins1G, run.Joins2M, run.GlobalFlushes, run.Tables));
            Assert.Equal(new LeafCounts(1, 0, 0), MapStudy.Leaves(run));
        }
    }

    [Fact]
    public void Presplit_splits_at_the_allocation_of_small_pages_and_is_not_marked()
    {
        (MapStudy map, MapRun run) = Start("presplit-2M");
        map.GuestAllocation(0);
        Assert.Equal((1, 0), (run.Splits2M, run.RangedFlushes));
        Own(map, 3, true);
        Assert.Equal((1, 0), (run.Splits2M, run.RangedFlushes));
        Own(map, 512, true);
        Assert.Equal((2, 1), (run.Splits2M, run.RangedFlushes)); // mainline's split where none came before
    }

    [Fact]
    public void Pages_that_leave_the_map_are_entries_written_and_with_the_flag_flushes()
    {
        (MapStudy map, MapRun run) = Start("unmap", 512);
        map.Update(0, 512, PageSize.Size2M, assigned: true);
        Assert.Equal((1, 0, 513 + 1), (run.Splits1G, run.Splits2M, run.EntriesWritten)); // the 1 GiB leaf is larger than the page
        map.Update(0, 512, PageSize.Size2M, assigned: false);
        Assert.Equal((513 + 2, 1, 0), (run.EntriesWritten, run.GlobalFlushes, run.RangedFlushes));
        (map, run) = Start("no-direct-map");
        map.Update(0, 512, PageSize.Size2M, assigned: true);
        Assert.Equal((0, 1), (run.Splits2M, run.RangedFlushes));
        map.Update(512, 7, PageSize.Size4K, assigned: true);
        Assert.Equal((1, 1 + 1 + 7), (run.Splits2M, run.RangedFlushes));
        map.Update(512, 7, PageSize.Size4K, assigned: false);
        Assert.Equal((513 + 1 + 1 + 14, 9), (run.EntriesWritten, run.RangedFlushes));
    }

    [Fact]
    public void Table_memory_is_weighted_by_time()
    {
        (MapStudy map, MapRun run) = Start("level-aware+rejoin");
        map.At(1000);
        Own(map, 3, true);
        map.At(1250);
        Own(map, 3, false);
        map.At(2000);
        Assert.Equal(250.0 / 2000, Row(map, run).MeanTables, 1e-12);
    }

    [Fact]
    public void Host_accesses_cost_what_the_leaves_cost_that_they_met()
    {
        (MapStudy map, MapRun never) = Start("never", 8);
        (MapStudy other, MapRun split) = Start("eager", 8);
        foreach (MapStudy one in (MapStudy[])[map, other])
        {
            for (ulong page = 0; page < 8 * 512; page += 4)
            {
                one.Write(page, 1, isAllocation: true);
            }

            Own(one, 0, true);
            Own(one, 0, false);
            for (ulong page = 0; page < 512; page += 4)
            {
                one.Write(page, 1, isAllocation: true); // small entries were pushed out of the first level only
            }
        }

        Assert.Equal((8, 0), (Row(map, never).Walks, Row(map, never).ExtraWalks));
        Assert.Equal(0, Row(map, never).Cost.Tlb);
        Assert.Equal(8, Row(other, split).Walks);
        Assert.Equal(128 * new StudyCosts().SecondLevel, Row(other, split).Cost.Tlb, 1e-9);
    }

    [Fact]
    public void A_read_of_an_RMP_trace_costs_its_translation_and_faults_nowhere()
    {
        const string Head = "ram 0-7fffff\nrmpupdate spa=1000 assigned=1 asid=1 -> 0\nwrite spa=2000 new=1\n";
        StudyRow[] rows = Array.ConvertAll((string[])[Head, Head + "read spa=4000 pages=500\n"], static text =>
        {
            using MemoryStream stream = new(Encoding.ASCII.GetBytes(text));
            RmpReplayPlan plan = RmpReplayPlan.Create(RmpTrace.Read(stream, "in"));
            return TraceStudy.Run(plan, [MapPolicies.Find("neighbour")!], new StudyCosts()).Rows[0];
        });
        Assert.Equal(rows[0].Counts, rows[1].Counts);
        Assert.Equal((1, 126), (rows[0].Walks, rows[1].Walks)); // one for four adjacent pages
    }

    [Theory]
    [InlineData("ipi=12.5", null)]
    [InlineData("ipi", "'ipi' is not KEY=NANOSECONDS, at most 1000000")]
    [InlineData("ipi=-1", "'ipi=-1' is not KEY=NANOSECONDS, at most 1000000")]
    [InlineData("ipi=x", "'ipi=x' is not KEY=NANOSECONDS, at most 1000000")]
    [InlineData("ipi=NaN", "'ipi=NaN' is not KEY=NANOSECONDS, at most 1000000")]
    [InlineData("ipi=1000001", "'ipi=1000001' is not KEY=NANOSECONDS, at most 1000000")]
    [InlineData("ip=1", "'ip' is no cost; there are leaf, table, flush, ipi, refill, fault, scan, l2tlb, walk")]
    public void A_cost_is_a_key_and_nanoseconds(string text, string? problem)
    {
        StudyCosts costs = new();
        Assert.Equal(problem, StudyCosts.Change(text, ref costs));
        Assert.Equal(problem is null ? 12.5 : new StudyCosts().Ipi, costs.Ipi);
    }

    [Fact]
    public void Every_cost_has_its_key()
    {
        foreach ((string key, _) in StudyCosts.Keys)
        {
            StudyCosts costs = new();
            Assert.Null(StudyCosts.Change($"{key}=77", ref costs));
            Assert.Equal(77, costs.Value(key));
            Assert.Equal([key], StudyCosts.Keys.Where(one => costs.Value(one.Key) == 77).Select(static one => one.Key));
        }
    }

    private static (MapStudy Map, MapRun Run) Start(string policy, int regions = 8)
    {
        MapStudy map = new(
            [Replays.Range(0, (ulong)regions * 2 * Replays.MiB)], gigabytePages: true, [MapPolicies.Find(policy)!], new StudyCosts());
        map.At(0);
        return (map, map.Runs[0]);
    }

    private static void Own(MapStudy map, ulong frame, bool assigned) => map.Update(frame, 1, PageSize.Size4K, assigned);

    private static void Host(MapStudy map, long pages, ulong frame)
    {
        for (; pages > 0; pages -= 64)
        {
            map.Write(frame, (ulong)Math.Min(64, pages), isAllocation: true);
        }
    }

    private static StudyRow Row(MapStudy map, MapRun run)
    {
        ReplayCounts none = new()
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
        return map.Row(run, MapStudy.Leaves(run), none);
    }
}
