using System;
using System.IO;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>A recorded trace gives what the replay gave in which it was recorded: counts, flushes, tables, costs.</summary>
public class RecordedTraceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(13)]
    [InlineData(18)]
    public void A_random_trace_replays_alike_when_it_was_recorded(int seed)
    {
        using PageTrace trace = StudyReferenceTests.RandomTrace(seed, 200, out PhysicalRange[] ram).Read();
        AssertSame(ReplayPlan.Create(trace, ram, new ReplayOptions { LargeEntries = seed % 4 != 3 }), null, MapPolicies.All);
    }

    [Theory]
    [InlineData("linux,io=200", "busybox-vm*")]
    [InlineData("storm,boot-rate=50", "busybox-vm1")]
    public void With_conversions_it_replays_alike_and_as_on_whole_hosts(string text, string guests)
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf("page-trace/trace.txt.gz"));
        PhysicalRange[] ram = IomemListing.Open(Fixture.PathOf("page-trace/iomem.txt")).SystemRam.ToArray();
        ConversionModel model = ConversionModel.Parse(text, seed: 7, out string? problem)!;
        Assert.Null(problem);
        RmpReplayPlan recorded = AssertSame(ReplayPlan.Create(trace, ram, new ReplayOptions { GuestPattern = guests }), model, Some);
        const string Policy = "on-demand+rejoin";
        StudyResult study = TraceStudy.Run(recorded, [MapPolicies.Find(Policy)!], new StudyCosts());
        StudyReferenceTests.AssertSame(TraceReplay.Run(Policy, recorded), study);
    }

    [Theory]
    [InlineData("ram=2G,guests=3,hours=0.01,size=256M,life=0.002,host=4M,churn=100,small=5,mix=20,touch=2")]
    [InlineData("ram=2G,guests=1,hours=0.01,size=256M,life=0.002,host=4M,churn=50,backing=4K,touch=2")]
    [InlineData("ram=4G,guests=1,hours=0.01,size=1G,life=0.002,host=4M,churn=50,backing=1G,touch=2")]
    public void A_generated_trace_replays_alike(string text)
    {
        GeneratorModel model = GeneratorModel.Parse(text, seed: 3, out string? problem)!;
        Assert.Null(problem);
        AssertSame(ReplayPlan.Create(model), ConversionModel.Parse("eager", seed: 3, out _), Some);
    }

    [Fact]
    public void An_RMP_trace_is_written_as_it_was_read()
    {
        RmpTrace trace = RmpTrace.Open(Fixture.PathOf("real-kernel/module-6.12.trace.txt.gz"));
        RmpReplayPlan plan = RmpReplayPlan.Create(trace);
        using MemoryStream text = new();
        using RmpTextWriter writer = new(text, "out");
        StudyResult first = TraceStudy.Run(plan, MapPolicies.All, new StudyCosts(), extras: new StudyExtras(writer));
        writer.Finish();
        RmpReplayPlan again = RmpReplayPlan.Create(Read(text));
        AssertEqual(first, TraceStudy.Run(again, MapPolicies.All, new StudyCosts()));
        Assert.Equal(trace.Events.Length, again.Trace.Events.Length);
    }

    private static MapVariant[] Some => Array.ConvertAll(
        ["never", "level-aware+time", "no-direct-map", "presplit-2M+idle", "neighbour+debt"], static name => MapPolicies.Find(name)!);

    private static RmpReplayPlan AssertSame(ReplayPlan plan, ConversionModel? conversions, ReadOnlySpan<MapVariant> policies)
    {
        using MemoryStream text = new();
        using RmpTraceWriter writer = conversions is null ? new RmpBinaryWriter(text, "out") : new RmpTextWriter(text, "out");
        StudyResult first = TraceStudy.Run(
            plan, policies, new StudyCosts(), extras: new StudyExtras(writer, conversions));
        writer.Finish();
        RmpTrace recorded = Read(text);
        Assert.False(recorded.Problems.Any);
        RmpReplayPlan again = RmpReplayPlan.Create(recorded);
        AssertEqual(first, TraceStudy.Run(again, policies, new StudyCosts()));
        return again;
    }

    // What the page allocator did with its own pages is not in an RMP trace.
    private static void AssertEqual(StudyResult expected, StudyResult actual)
    {
        Assert.Equal(expected.Optimum, actual.Optimum);
        for (int row = 0; row < expected.Rows.Count; row++)
        {
            Assert.Equal(Plain(expected.Rows[row]), Plain(actual.Rows[row]));
        }
    }

    private static StudyRow Plain(StudyRow row) => row with
    {
        Counts = row.Counts with { Map = null, Counts = row.Counts.Counts with { Stale = 0, Outside = 0 } },
    };

    private static RmpTrace Read(MemoryStream text) =>
        RmpTrace.Read(new MemoryStream(text.ToArray()), "recorded");
}
