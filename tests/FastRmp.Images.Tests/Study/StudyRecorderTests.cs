using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Replay;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>What is written down over time against what replays of shorter traces end with.</summary>
public class StudyRecorderTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void The_last_sample_is_the_row_and_no_row_depends_on_it()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            using PageTrace trace = StudyReferenceTests.RandomTrace(seed, 200, out PhysicalRange[] ram).Read();
            ReplayPlan plan = ReplayPlan.Create(trace, ram);
            AssertEnds(
                TraceStudy.Run(plan, MapPolicies.All, new StudyCosts()),
                TraceStudy.Run(plan, MapPolicies.All, new StudyCosts(), isRecorded: true));
        }
    }

    [Theory]
    [InlineData("module-6.12")]
    [InlineData("kvm-7.3")]
    public void So_it_is_for_a_real_kernels_instructions(string name)
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(RmpTrace.Open(Fixture.PathOf($"real-kernel/{name}.trace.txt.gz")));
        AssertEnds(
            TraceStudy.Run(plan, MapPolicies.All, new StudyCosts()),
            TraceStudy.Run(plan, MapPolicies.All, new StudyCosts(), isRecorded: true));
    }

    [Fact]
    public void Every_sample_is_the_end_of_the_trace_up_to_its_time()
    {
        MapVariant[] policies = Array.FindAll(
            MapPolicies.All.ToArray(), static one => one.Join.Start(new StudyCosts()) is not { HasTicks: true });
        int compared = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            const int Events = 120;
            StudyResult whole = Run(seed, Events, policies, isRecorded: true, out long[] times);
            IReadOnlyList<long> samples = whole.Histories![0].Times;
            for (int index = 0; index < samples.Count; index += 29)
            {
                int events = times.Count(time => time - times[0] <= samples[index]);
                if (events == Events) continue;
                StudyResult part = Run(seed, events, policies, isRecorded: false, out _);
                foreach (StudyRow row in part.Rows)
                {
                    AssertSame(row, whole.Histories!.Single(one => one.Policy == row.Counts.Policy), index);
                    compared++;
                }
            }
        }

        Assert.InRange(compared, 500, int.MaxValue);
    }

    [Fact]
    public void Pictures_of_memory_have_as_many_split_regions_as_the_map_has_small_leaves()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            StudyResult study = Run(seed, 300, MapPolicies.All.ToArray(), isRecorded: true, out _);
            foreach (PolicyHistory history in study.Histories!)
            {
                MemoryHistory memory = history.Memory;
                Assert.Equal((1, memory.Times.Count, memory.Times.Count), (memory.CellRegions, memory.Guests.Count, history.Splits.Count));
                Assert.Equal((0, history.Times[^1]), (memory.Times[0], memory.Times[^1]));
                long[] small = history[StudySeries.Leaves4K];
                List<long> times = [.. history.Times];
                long start = study.Rows.Single(row => row.Counts.Policy == history.Policy).Counts.Start.Leaves4K;
                for (int frame = 0; frame < memory.Times.Count; frame++)
                {
                    int sample = times.IndexOf(memory.Times[frame]);
                    ReadOnlySpan<byte> levels = history.Splits[frame];
                    Assert.Equal((small[sample] - start) / 512, levels.Count((byte)2));
                    Assert.False(levels.Contains((byte)1));
                }
            }

            bool isOwned = study.Rows[0].Counts.Counts.OwnedAtEnd != 0;
            Assert.Equal(isOwned, study.Histories![0].Memory.Guests[^1].Any(static level => level != 0));
        }
    }

    [Fact]
    public void Guests_own_nothing_less_than_half_more_or_everything_of_a_region()
    {
        (MapStudy map, StudyRecorder recorder) = Start("never", 4);
        map.At(1);
        map.Update(512, 255, PageSize.Size4K, assigned: true);
        map.Update(1024, 256, PageSize.Size4K, assigned: true);
        map.Update(1536, 512, PageSize.Size2M, assigned: true);
        map.At(2);
        Assert.Equal([0, 1, 2, 3], recorder.Finish(map)[0].Memory.Guests[^1]);
    }

    [Fact]
    public void However_long_the_time_and_large_the_memory_what_is_kept_is_bounded()
    {
        const int Regions = 1 << 20; // 2 TiB
        (MapStudy map, StudyRecorder recorder) = Start("level-aware", Regions);
        Random random = new(1);
        long time = 7;
        for (int i = 0; i < 20_000; i++)
        {
            map.At(time);
            map.Update((ulong)random.Next(Regions) * 512, 1, PageSize.Size4K, assigned: true);
            time += random.NextInt64(i % 100 == 0 ? 3600 * Second : Second);
        }

        map.At(time);
        PolicyHistory history = recorder.Finish(map)[0];
        Assert.InRange(history.Times.Count, StudyRecorder.MostSamples / 2, StudyRecorder.MostSamples + 1);
        Assert.InRange(history.Memory.Times.Count, 20, 50);
        Assert.Equal((StudyRecorder.MostCells, 512, Regions / StudyRecorder.MostFollowed), (
            history.Memory.IsRam.Count, history.Memory.CellRegions, history.Memory.FollowedStep));
        Assert.Equal(time - 7, history.Times[^1]);
        Assert.Equal(history.Times.Order(), history.Times);

        // the time between two samples is the same everywhere, so that a pause does not look short
        Assert.Equal([history.Times[1]], history.Times.Zip(history.Times.Skip(1), static (one, next) => next - one).SkipLast(1).Distinct());
        long sum = 0;
        foreach (long count in history.Lives.StillSplit)
        {
            sum += count;
        }

        Assert.InRange(sum, 20_000 / 64 / 2, 20_000 / 64 * 2);
        Assert.Contains((byte)1, history.Splits[^1]); // some of a cell, not half
    }

    [Fact]
    public void The_time_from_split_to_join_and_the_mean_of_the_pages_meanwhile_are_what_happened()
    {
        (MapStudy map, StudyRecorder recorder) = Start("level-aware+rejoin", 8);
        map.At(0);
        Own(map, 0, 8, true);
        map.At(Second);
        Own(map, 8, 8, true);
        map.At(3 * Second);
        Own(map, 0, 16, false); // (8 + 2 * 16) / 3 s
        map.At(4 * Second);
        Own(map, 512, 512, true);
        map.At(4 * Second + 40_000_000);
        RegionLives lives = recorder.Finish(map)[0].Lives;
        Assert.Equal([(Place(3 * Second), 1)], Filled(lives.Joined));
        Assert.Equal([(Place(40_000_000), 1)], Filled(lives.StillSplit));
        Assert.Equal([(4, 1), (10, 1)], Filled(lives.PagesHeld)); // 13: 8 to 15
        Assert.Equal((8, 512), (RegionLives.PagesFrom(4), RegionLives.PagesFrom(10)));
    }

    [Fact]
    public void The_last_class_of_pages_is_a_whole_region()
    {
        Assert.Equal(512, RegionLives.PagesFrom(RegionLives.PageClasses - 1));
        Assert.Equal([1_000_000, 3_000_000, 10_000_000], RegionLives.DurationLimits[..3].ToArray());
    }

    private static StudyResult Run(int seed, int events, MapVariant[] policies, bool isRecorded, out long[] times)
    {
        using PageTrace trace = StudyReferenceTests.RandomTrace(seed, events, out PhysicalRange[] ram).Read();
        List<long> all = [];
        PageEventBlocks blocks = trace.Blocks;
        while (blocks.MoveNext())
        {
            foreach (ulong time in blocks.Times)
            {
                all.Add((long)time);
            }
        }

        times = [.. all];
        return TraceStudy.Run(ReplayPlan.Create(trace, ram), policies, new StudyCosts(), isRecorded: isRecorded);
    }

    private static void AssertEnds(StudyResult plain, StudyResult recorded)
    {
        Assert.Null(plain.Histories);
        Assert.Equal(plain.Rows, recorded.Rows);
        Assert.Equal(plain.Optimum, recorded.Optimum);
        for (int index = 0; index < recorded.Rows.Count; index++)
        {
            PolicyHistory history = recorded.Histories![index];
            AssertSame(recorded.Rows[index], history, history.Times.Count - 1);
        }
    }

    private static void AssertSame(StudyRow row, PolicyHistory history, int sample)
    {
        ReplayCounts counts = row.Counts.Counts;
        Assert.Equal(row.Counts.Policy, history.Policy);
        Assert.Equal(
            (row.Counts.End.Leaves4K, row.Counts.End.Leaves2M, row.Counts.End.Leaves1G, counts.Splits2M + counts.Splits1G,
                counts.Rejoins2M + counts.Rejoins1G, counts.Violations, row.EndTables, row.ExtraWalks),
            (At(StudySeries.Leaves4K), At(StudySeries.Leaves2M), At(StudySeries.Leaves1G), At(StudySeries.Splits), At(StudySeries.Rejoins),
                At(StudySeries.Violations), At(StudySeries.Tables), At(StudySeries.ExtraWalks)));

        long At(StudySeries series) => history[series][sample];
    }

    private static (MapStudy Map, StudyRecorder Recorder) Start(string policy, int regions)
    {
        StudyRecorder recorder = new(1);
        return (new MapStudy(
            [Replays.Range(0, (ulong)regions * 2 * Replays.MiB)], gigabytePages: true, [MapPolicies.Find(policy)!], new StudyCosts(),
            recorder), recorder);
    }

    private static void Own(MapStudy map, ulong frame, ulong pages, bool assigned) =>
        map.Update(frame, pages, PageSize.Size4K, assigned);

    private static int Place(long duration)
    {
        int place = 0;
        foreach (long limit in RegionLives.DurationLimits)
        {
            if (duration >= limit) place++;
        }

        return place;
    }

    private static (int Place, long Count)[] Filled(ReadOnlySpan<long> counts)
    {
        List<(int, long)> filled = [];
        for (int place = 0; place < counts.Length; place++)
        {
            if (counts[place] != 0) filled.Add((place, counts[place]));
        }

        return [.. filled];
    }
}
