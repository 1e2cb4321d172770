using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>The dynamic program against every schedule that there is, and against every policy.</summary>
public class OptimumTests
{
    private static readonly StudyCosts Cheap = new() { Cpus = 1, FlushBase = 3, Ipi = 0, Refill = 0, Leaf = 1.0 / 513, Table = 1 };

    [Fact]
    public void It_is_the_cheapest_of_all_schedules()
    {
        Random random = new(1);
        int withJoins = 0;
        for (int round = 0; round < 3000; round++)
        {
            (int Region, long Large, long Small, bool Needs)[] accesses = new (int, long, long, bool)[random.Next(1, 11)];
            for (int i = 0; i < accesses.Length; i++)
            {
                accesses[i] = (random.Next(2), random.Next(3) * 1000, random.Next(8) * 1000, random.Next(4) == 0);
            }

            bool startsSmall = random.Next(4) == 0;
            Optimum optimum = new(2, 1, Cheap);
            if (startsSmall) optimum.StartSmall(1);
            foreach ((int region, long large, long small, bool needs) in accesses)
            {
                optimum.Access(region, large, small, needs);
            }

            long expected = Cheapest(accesses, startsSmall);
            OptimumResult result = optimum.Result();
            Assert.Equal(expected, (long)Math.Round(result.Nanoseconds * 1000));

            // the counts are those of a schedule of that cost
            Assert.InRange(result.Joins2M, 0, result.Splits2M + 1);
            if (result.Joins2M != 0) withJoins++;
        }

        Assert.InRange(withJoins, 300, 3000);
    }

    [Fact]
    public void A_1G_leaf_that_needs_a_table_pays_for_it_once()
    {
        Optimum optimum = new(2, 1, Cheap);
        optimum.StartAsOne(0);
        for (int region = 0; region < 2; region++)
        {
            optimum.NeedsTable(0, region);
            optimum.Access(region, 0, 0, needsSmall: true);
        }

        Assert.Equal(new OptimumResult(5 + 5 + 2, 2, 1, 0), optimum.Result());
    }

    [Fact]
    public void A_1G_leaf_saves_what_it_saves_when_nothing_needs_small_leaves_and_never_more_than_the_best_schedule()
    {
        Random random = new(2);
        int equal = 0;
        const int Rounds = 1500;
        for (int round = 0; round < Rounds; round++)
        {
            (int Region, long Large, long Small, long Giant, bool Needs)[] accesses = new (int, long, long, long, bool)[random.Next(1, 7)];
            for (int i = 0; i < accesses.Length; i++)
            {
                bool needs = random.Next(3) == 0;
                accesses[i] = (random.Next(2), 9000, 9000 + (random.Next(8) * 1000), needs ? 9000 : random.Next(10) * 1000, needs);
            }

            Optimum optimum = new(2, 1, Cheap);
            bool startsAsOne = random.Next(4) != 0;
            if (startsAsOne) optimum.StartAsOne(0);
            foreach ((int region, long large, long small, long giant, bool needs) in accesses)
            {
                if (needs) optimum.NeedsTable(0, region);
                else optimum.SavedByOne(0, large - giant);
                optimum.Access(region, large, small, needs);
            }

            long bound = (long)Math.Round(optimum.Result().Nanoseconds * 1000);
            long expected = CheapestOfRange(accesses, startsAsOne);
            Assert.True(bound <= expected, $"{round}: {bound} {expected}");
            if (bound == expected) equal++;
        }

        Assert.InRange(equal, Rounds * 3 / 4, Rounds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(128)]
    [InlineData(1024)]
    public void No_policy_without_fatal_writes_costs_less(int processors)
    {
        int compared = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            using PageTrace trace = StudyReferenceTests.RandomTrace(seed, 300, out PhysicalRange[] ram).Read();
            StudyCosts costs = new() { Cpus = processors, Walk = seed % 2 == 0 ? 10 : 2000 };
            StudyResult study = TraceStudy.Run(ReplayPlan.Create(trace, ram), MapPolicies.All, costs);
            foreach (StudyRow row in study.Rows)
            {
                if (row.Counts.Counts.Fatal != 0) continue;
                compared++;
                Assert.True(
                    row.Cost.Total >= study.Optimum.Nanoseconds - 0.01,
                    $"{seed} {row.Counts.Policy}: {row.Cost.Total} {study.Optimum.Nanoseconds}");
            }
        }

        Assert.InRange(compared, 1500, int.MaxValue);
    }

    [Fact]
    public void On_the_recorded_trace_one_of_ours_is_within_a_quarter_and_two_are_dominated_by_none()
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf("page-trace/trace.txt.gz"));
        PhysicalRange[] ram = IomemListing.Open(Fixture.PathOf("page-trace/iomem.txt")).SystemRam.ToArray();
        foreach (bool largeEntries in (bool[])[true, false])
        {
            ReplayOptions options = new() { LargeEntries = largeEntries };
            RequireOurs(TraceStudy.Run(ReplayPlan.Create(trace, ram, options), MapPolicies.All, new StudyCosts()));
            RequireOurs(TraceStudy.Run(ReplayPlan.Create(trace, options), MapPolicies.All, new StudyCosts()));
        }

        foreach (string name in (string[])["module-6.12", "kvm-7.3"])
        {
            RmpReplayPlan plan = RmpReplayPlan.Create(RmpTrace.Open(Fixture.PathOf($"real-kernel/{name}.trace.txt.gz")));
            RequireOurs(TraceStudy.Run(plan, MapPolicies.All, new StudyCosts()));
        }
    }

    [Fact]
    public void On_random_traces_too()
    {
        for (int seed = 0; seed < 120; seed++)
        {
            using PageTrace trace = StudyReferenceTests.RandomTrace(seed, 400, out PhysicalRange[] ram).Read();
            RequireOurs(TraceStudy.Run(ReplayPlan.Create(trace, ram), MapPolicies.All, new StudyCosts()));
        }
    }

    [Theory]
    [InlineData("ram=2G,guests=2,hours=0.5,size=512M,life=0.05,touch=300,backing=4K,host=64M,churn=500,hold=1,mix=20", "none", 64)]
    [InlineData("ram=2G,guests=2,hours=0.05,size=256M,life=0.01,touch=1,backing=2M,small=5,host=64M,churn=1000,hold=10,mix=5", "storm", 6)]
    public void On_generated_traces_too(string parameters, string conversions, ulong seed)
    {
        GeneratorModel model = GeneratorModel.Parse(parameters, seed, out _)!;
        StudyExtras? extras = conversions == "none" ? null : new() { Conversions = ConversionModel.Parse(conversions, seed, out _) };
        RequireOurs(TraceStudy.Run(ReplayPlan.Create(model), MapPolicies.All, new StudyCosts(), extras: extras));
    }

    internal static void RequireOurs(StudyResult study)
    {
        List<StudyRow> safe = [.. study.Rows.Where(static row => row.Counts.Counts.Fatal == 0)];
        List<StudyRow> ours = [.. safe.Where(static row => row.Counts.Policy.StartsWith("neighbour", StringComparison.Ordinal))];
        Assert.Equal(3, ours.Count);
        Assert.Contains(ours, row => study.Ratio(row) is <= 1.25);
        Assert.True(study.Ratio(ours.Find(static row => row.Counts.Policy == "neighbour+debt")!) is <= 1.25);
        Assert.InRange(ours.Count(row => !safe.Exists(other => Dominates(other, row))), 2, 3);

        // the arguments of the documentation of the policy
        Assert.Equal(safe.Min(static row => row.GlobalFlushes), ours[0].GlobalFlushes);
        Assert.Equal(safe.Min(static row => row.MeanTables), ours[1].MeanTables, 1e-9);
    }

    private static bool Dominates(StudyRow one, StudyRow other)
    {
        bool isNoWorse = one.MeanTables <= other.MeanTables + 1e-9 && one.GlobalFlushes + one.RangedFlushes
            <= other.GlobalFlushes + other.RangedFlushes && one.Walks <= other.Walks;
        bool isBetter = one.MeanTables < other.MeanTables - 1e-9 || one.GlobalFlushes + one.RangedFlushes
            < other.GlobalFlushes + other.RangedFlushes || one.Walks < other.Walks;
        return isNoWorse && isBetter;
    }

    // Every way of having two regions small, large or in one leaf: state 4 is the latter, else a bit for each region that is small.
    private static long CheapestOfRange((int Region, long Large, long Small, long Giant, bool Needs)[] accesses, bool startsAsOne)
    {
        const int One = 4;
        long[] costs = Enumerable.Repeat(long.MaxValue / 2, One + 1).ToArray();
        costs[startsAsOne ? One : 0] = 0;
        foreach ((int region, long large, long small, long giant, bool needs) in accesses)
        {
            long[] next = Enumerable.Repeat(long.MaxValue / 2, One + 1).ToArray();
            for (int to = 0; to <= One; to++)
            {
                bool isSmall = to != One && (to >> region & 1) != 0;
                if (needs && !isSmall) continue;
                long access = to == One ? giant : isSmall ? small : large;
                for (int from = 0; from <= One; from++)
                {
                    next[to] = Math.Min(next[to], costs[from] + Change(from, to) + access);
                }
            }

            costs = next;
        }

        return costs.Min();

        static long Change(int from, int to)
        {
            int before = from == One ? 0 : from;
            int after = to == One ? 0 : to;
            long regions = (5000 * int.PopCount(after & ~before)) + (1000 * int.PopCount(before & ~after));
            return regions + (from == to ? 0 : from == One ? 2000 : to == One ? 1000 : 0);
        }
    }

    // Every way of having each region small or large at each of its accesses.
    private static long Cheapest((int Region, long Large, long Small, bool Needs)[] accesses, bool startsSmall)
    {
        long best = long.MaxValue;
        for (int schedule = 0; schedule < 1 << accesses.Length; schedule++)
        {
            bool[] isSmall = [false, startsSmall];
            long cost = 0;
            bool isAllowed = true;
            for (int i = 0; i < accesses.Length && isAllowed; i++)
            {
                (int region, long large, long small, bool needs) = accesses[i];
                bool small2 = (schedule >> i & 1) != 0;
                if (small2 && !isSmall[region]) cost += 5000;
                if (!small2 && isSmall[region]) cost += 1000;
                isSmall[region] = small2;
                cost += small2 ? small : large;
                isAllowed = small2 || !needs;
            }

            if (isAllowed) best = Math.Min(best, cost);
        }

        return best;
    }
}
