using System;
using System.Collections.Generic;
using FastRmp.DirectMap;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Replay;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>All policies in one pass over regions against each on a whole host, with its RMP and its page tables.</summary>
public class StudyReferenceTests
{
    // Holes, ragged ends, blocks over a hole, 1 GiB leaves.
    private static readonly PhysicalRange[][] Machines =
    [
        [Replays.Range(0, 8 * Replays.MiB)],
        [Replays.Range(0x1000, 0x9E_C00), Replays.Range(0x10_0000, (5 * Replays.MiB) + 0x3000)],
        [Replays.Range(0, 0x30_0000), Replays.Range(0x38_0000, 0x40_0000)],
        [Replays.Range(Replays.GiB - (2 * Replays.MiB), Replays.GiB + (4 * Replays.MiB))],
        [Replays.Range(0, 2 * Replays.MiB), Replays.Range(Replays.GiB, Replays.GiB),
            Replays.Range((2 * Replays.GiB) + 0x5000, Replays.MiB)],
    ];

    private static readonly string[] Tasks = ["busybox-vm1", "busybox-vm2", "busybox-vm3", "sh", "kworker/0:1"];

    public static TheoryData<int> Seeds()
    {
        TheoryData<int> data = [];
        for (int seed = 0; seed < 80; seed++)
        {
            data.Add(seed);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_trace_gives_what_each_whole_host_gives(int seed)
    {
        using PageTrace trace = RandomTrace(seed, 200, out PhysicalRange[] ram).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, ram, new ReplayOptions { LargeEntries = seed % 4 != 3 });
        StudyResult study = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts());
        foreach (string policy in TraceReplay.PolicyNames)
        {
            AssertSame(TraceReplay.Run(policy, plan), study);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_recorded_trace_gives_what_each_whole_host_gives(bool largeEntries)
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf("page-trace/trace.txt.gz"));
        ReplayOptions options = new() { LargeEntries = largeEntries };
        ReplayPlan[] plans =
        [
            ReplayPlan.Create(trace, IomemListing.Open(Fixture.PathOf("page-trace/iomem.txt")).SystemRam, options),
            ReplayPlan.Create(trace, options),
        ];
        foreach (ReplayPlan plan in plans)
        {
            StudyResult study = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts());
            foreach (string policy in TraceReplay.PolicyNames)
            {
                AssertSame(TraceReplay.Run(policy, plan), study);
            }
        }
    }

    [Theory]
    [InlineData("module-6.12")]
    [InlineData("kvm-7.3")]
    public void A_real_kernels_instructions_give_what_each_whole_host_gives(string name)
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(RmpTrace.Open(Fixture.PathOf($"real-kernel/{name}.trace.txt.gz")));
        StudyResult study = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts());
        foreach (string policy in TraceReplay.PolicyNames)
        {
            AssertSame(TraceReplay.Run(policy, plan), study);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_instructions_give_what_each_whole_host_gives(int seed)
    {
        Random random = new(seed);
        System.Text.StringBuilder text = new("# fastrmp rmp trace 1\nram 0-57ffff 600000-9fffff\nmapped 4k 800000-800fff\n");
        for (int i = 0; i < 150; i++)
        {
            ulong page = (ulong)random.Next(0xa40) << 12;
            if (random.Next(3) != 0) page = (page & ~0x1F_FFFFUL) | ((ulong)random.Next(3) << 12);
            bool isLarge = random.Next(4) == 0;
            if (isLarge && random.Next(8) != 0) page &= ~0x1F_FFFFUL;
            string result = random.Next(12) == 0 ? "4 FAIL_OVERLAP (injected)" : "0";
            text.Append(random.Next(9) switch
            {
                0 => $"write spa={page:x}\n",
                6 => $"write spa={page:x} pages={random.Next(1, 700)} new={random.Next(2)}\n",
                7 => $"convert spa={page:x} pages={random.Next(1, 1200)} size={(isLarge ? "2m" : "4k")} asid=1 gpa={page:x} "
                    + $"to={(random.Next(2) == 0 ? "private" : "shared")} new={random.Next(2)}\n",
                8 => $"unsmash spa={page & ~0x1F_FFFFUL:x} -> {result}\n",
                1 => $"psmash spa={page & ~0x1F_FFFFUL:x} -> {result}\n",
                _ => $"rmpupdate spa={page:x} size={(isLarge ? "2m" : "4k")} assigned={random.Next(2)} asid=1 gpa=0 -> {result}\n",
            });
        }

        RmpTrace trace = RmpTrace.Read(new System.IO.MemoryStream(System.Text.Encoding.UTF8.GetBytes(text.ToString())), "in");
        Assert.False(trace.Problems.Any);
        RmpReplayPlan plan = RmpReplayPlan.Create(trace);
        StudyResult study = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts());
        foreach (string policy in TraceReplay.PolicyNames)
        {
            AssertSame(TraceReplay.Run(policy, plan), study);
        }
    }

    [Fact]
    public void Small_leaves_that_a_trace_states_far_beyond_RAM_take_no_time()
    {
        StudyRow[] rows = Array.ConvertAll((string[])["0-ffffff", "0-fffffffffffff", "1-fff 200000-ffffffffff"], static mapped =>
        {
            string text = $"# fastrmp rmp trace 1\nram 0-ffffff\nmapped 4k {mapped}\nwrite spa=0\n";
            RmpTrace trace = RmpTrace.Read(new System.IO.MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), "in");
            return TraceStudy.Run(RmpReplayPlan.Create(trace), MapPolicies.All, new StudyCosts()).Rows[0];
        });
        Assert.Equal(new LeafCounts(0, 0, 4096), rows[0].Counts.Start);
        Assert.Equal(rows[0].Counts.Start, rows[1].Counts.Start);
        Assert.Equal(new LeafCounts(0, 1, 3584), rows[2].Counts.Start);
    }

    [Fact]
    public void A_policy_alone_gives_what_it_gives_among_all()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            using PageTrace trace = RandomTrace(seed, 200, out PhysicalRange[] ram).Read();
            ReplayPlan plan = ReplayPlan.Create(trace, ram);
            StudyResult all = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts());
            for (int index = 0; index < MapPolicies.All.Length; index++)
            {
                StudyResult one = TraceStudy.Run(plan, [MapPolicies.All[index]], new StudyCosts());
                Assert.Equal(all.Rows[index] with { Counts = Plain(all.Rows[index]) }, one.Rows[0] with { Counts = Plain(one.Rows[0]) });
                Assert.Equal(all.Optimum, one.Optimum);
            }
        }
    }

    [Fact]
    public void Every_policy_has_a_name_a_place_and_a_line_of_its_own()
    {
        Assert.InRange(MapPolicies.All.Length, 14, MapStudy.MaxPolicies);
        Assert.Distinct(MapPolicies.Names);
        Assert.Distinct(Array.ConvertAll(MapPolicies.Families, static one => one.Order));
        Assert.All(MapPolicies.Families, static one => Assert.InRange(one.Summary.Length, 10, 100));
        Assert.Subset(new HashSet<string>(MapPolicies.Names), new HashSet<string>(TraceReplay.PolicyNames.ToArray()));
    }

    internal static TraceText RandomTrace(int seed, int events, out PhysicalRange[] ram)
    {
        Random random = new(seed);
        ram = Machines[seed % Machines.Length];
        TraceText text = new();
        List<(ulong Frame, int Order)> before = [];
        for (int i = 0; i < events; i++)
        {
            int order = random.Next(4) switch { 0 => 9 + random.Next(3), 1 => random.Next(9), _ => random.Next(3) };
            ulong frame;
            if (before.Count != 0 && random.Next(2) == 0)
            {
                (ulong start, int size) = before[random.Next(before.Count)];
                frame = start + (ulong)random.Next(random.Next(2) == 0 ? 1 : 1 << size);
                if (random.Next(3) == 0) order = size;
            }
            else
            {
                PhysicalRange range = ram[random.Next(ram.Length)];
                frame = (range.Start.Value >> 12) + (ulong)random.NextInt64((long)Math.Min(range.Length >> 12, 2048));
                if (random.Next(2) == 0) frame &= ~0UL << order;
            }

            before.Add((frame, order));
            text.Seconds += random.Next(3) == 0 ? random.NextDouble() / 8 : 0.000_01;
            string task = Tasks[random.Next(Tasks.Length)];
            _ = random.Next(5) < 3 ? text.Allocate(frame, order, task, random.Next(3)) : text.Free(frame, order, task);
        }

        return text;
    }

    private static ReplayResult Plain(StudyRow row) => row.Counts with { Map = null };

    internal static void AssertSame(ReplayResult expected, StudyResult study)
    {
        DirectMapStatistics map = expected.Map!.Value;
        StudyRow actual = Assert.Single(study.Rows, row => row.Counts.Policy == expected.Policy);
        Assert.Equal(expected with { Map = null }, actual.Counts);

        // What the trace says was split before it began costs flushes and tables on the host, and not here.
        long before = map.Splits2M + map.Splits1G - expected.Counts.Splits2M - expected.Counts.Splits1G;
        Assert.Equal((map.GlobalFlushes - before, map.RangedFlushes), (actual.GlobalFlushes, actual.RangedFlushes));
        long joins = expected.Counts.Rejoins2M + expected.Counts.Rejoins1G;
        Assert.Equal(expected.Counts.Splits2M + expected.Counts.Splits1G - joins, actual.EndTables);
    }
}
