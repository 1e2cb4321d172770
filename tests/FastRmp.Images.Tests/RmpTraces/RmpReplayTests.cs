using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using FastRmp.DirectMap;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

public partial class RmpReplayTests
{
    [Fact]
    public void Level_aware_splits_what_the_real_kernel_counted()
    {
        RmpTrace trace = Open("module-6.12");
        long[] counters = Counters("module-6.12", "alloc-2M", "private-4K", "second-private-same-2M", "private-2M", "psmash",
            "shared-4K-of-smashed", "end");
        int[] events = [0, 4, 5, 6, 8, 9, trace.Events.Length]; // of the trace when the kernel printed each line
        for (int i = 0; i < events.Length; i++)
        {
            Assert.Equal(counters[i] - counters[0], Splits<LevelAware>(trace, events[i]));
        }
    }

    [Fact]
    public void A_launch_splits_nothing_that_was_split_when_the_module_was_loaded()
    {
        RmpTrace trace = Open("kvm-7.3");
        int loaded = IndexOf(trace, static one => one.Operand.Asid != 0);
        long[] counters = Counters("kvm-7.3", "kvm-loaded", "end");
        Assert.Equal(counters[0], counters[1]);
        Assert.True(Splits<LevelAware>(trace, loaded) <= counters[0]);
        string text = "mapped 4k 2c00000-2dfffff\n";
        Assert.Equal(Splits<LevelAware>(trace, loaded), Splits<LevelAware>(Prefixed(trace, text), trace.Events.Length));
    }

    [Fact]
    public void Every_instruction_of_the_real_kernels_has_its_answer_again()
    {
        foreach (string name in (string[])["module-6.12", "kvm-7.3"])
        {
            RmpTrace trace = Open(name);
            Assert.False(trace.Problems.Any);
            RmpReplayPlan plan = RmpReplayPlan.Create(trace);
            foreach (string policy in TraceReplay.PolicyNames)
            {
                ReplayResult result = TraceReplay.Run(policy, plan);
                Assert.Equal((0L, 0L), (result.Counts.Refused, result.Counts.Fatal));
                Assert.Equal(CountOf(trace, RmpTraceEventKind.RmpUpdate), result.Counts.RmpUpdates);
                Assert.Equal(CountOf(trace, RmpTraceEventKind.PSmash), result.Counts.PSmashes);
            }
        }
    }

    [Fact]
    public void Writes_meet_the_pages_that_the_policy_left_in_large_leaves()
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(Read(
            "rmpupdate spa=201000 assigned=1 asid=1 -> 0\nwrite spa=202000\nfault spa=203000\nread spa=201000\nwrite spa=400000\n"));
        Assert.Equal((2L, 0L, 2L), Violations(TraceReplay.Run<Never>(plan)));
        Assert.Equal((1L, 1L, 0L), Violations(TraceReplay.Run<OnDemand>(plan)));
        Assert.Equal((0L, 0L, 0L), Violations(TraceReplay.Run<LevelAware>(plan)));
        Assert.Equal(1, TraceReplay.Run<LevelAware>(plan).Counts.OwnedAtEnd);
    }

    [Fact]
    public void An_instruction_that_failed_splits_as_the_policy_says_and_changes_no_page()
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(Read("rmpupdate spa=201000 assigned=1 asid=1 gpa=1000 -> 4 FAIL_OVERLAP (injected)\n"));
        ReplayResult result = TraceReplay.Run<LevelAware>(plan);
        Assert.Equal((1L, 0L, 0L, 0L), (result.Counts.Splits2M, result.Counts.RmpUpdates, result.Counts.OwnedAtEnd, result.Counts.Refused));
    }

    [Fact]
    public void What_succeeded_there_and_fails_here_is_counted_with_its_first_line()
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(Read("write spa=0\npsmash spa=200000 -> 0\npsmash spa=200000 -> 0\n"));
        ReplayCounts counts = TraceReplay.Run<Eager>(plan).Counts;
        Assert.Equal((2L, 2L, 0L), (counts.Refused, counts.FirstRefusedLine, counts.PSmashes));
    }

    [Fact]
    public void RAM_is_the_traces_or_reaches_to_its_highest_page()
    {
        Assert.Equal(4UL << 20, RmpReplayPlan.Create(Read("write spa=200000\n")).RamBytes);
        Assert.Equal(0x3000UL, RmpReplayPlan.Create(Read("ram 2000-2fff 0-1fff\nwrite spa=200000\n")).RamBytes);
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(
            () => RmpReplayPlan.Create(Read("ram 0-1fff 1000-2fff\nwrite spa=0\n")));
        Assert.Contains("overlap at 0x1000", refusal.Message, StringComparison.Ordinal);
        ReplayResult outside = TraceReplay.Run<Eager>(RmpReplayPlan.Create(Read("ram 0-1fff\nwrite spa=200000\n")));
        Assert.Equal((1L, 0L), (outside.Counts.Outside, outside.Counts.HostWrites));
    }

    [Fact]
    public void What_was_mapped_by_4K_at_first_is_no_split()
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(Read(
            "# fastrmp rmp trace 1\nmapped 4k 200000-200fff\nrmpupdate spa=201000 assigned=1 asid=1 gpa=1000 -> 0\n"));
        ReplayResult result = TraceReplay.Run<LevelAware>(plan);
        Assert.Equal((0L, 512L, 512L), (result.Counts.Splits2M, result.Start.Leaves4K, result.End.Leaves4K));
    }

    [Fact]
    public void Devices_guests_and_marks_change_nothing()
    {
        const string Text = "rmpupdate spa=201000 assigned=1 asid=1 -> 0\nwrite spa=202000\n";
        const string Others = "dma spa=202000 pages=4 write=1\nguest spa=201000 asid=1 gpa=0 private=1 write=1\nmark booted\n"
            + "pvalidate spa=201000 asid=1 gpa=0 valid=1 -> 0\nread spa=202000 pages=2\n";
        foreach (string policy in TraceReplay.PolicyNames)
        {
            ReplayResult plain = TraceReplay.Run(policy, RmpReplayPlan.Create(Read(Text)));
            Assert.Equal(plain, TraceReplay.Run(policy, RmpReplayPlan.Create(Read(Text + Others))));
        }
    }

    [Fact]
    public void A_conversion_is_the_instructions_of_KVM()
    {
        RmpReplayPlan plan = RmpReplayPlan.Create(Read(
            """
            convert spa=200000 pages=1024 size=2m asid=1 gpa=40000000 to=private new=1
            convert spa=201000 pages=2 asid=1 gpa=40001000 to=shared
            convert spa=200000 pages=512 size=2m asid=1 gpa=40000000 to=private
            convert spa=400000 pages=512 asid=1 gpa=40200000 to=shared
            """));
        ReplayResult result = TraceReplay.Run<LevelAware>(plan);

        // two of 2M; PSMASH and two of 4K; two of 4K, since the rest is assigned; one of 2M
        Assert.Equal((1024L, 7L, 1L), (result.Counts.GuestPages, result.Counts.RmpUpdates, result.Counts.PSmashes));
        Assert.Equal((512L, 1L, 0L), (result.Counts.OwnedAtEnd, result.Counts.Splits2M, result.Counts.Refused));
    }

    [Fact]
    public void Unsmash_makes_one_entry_of_512_or_is_refused()
    {
        const string Small = "convert spa=200000 pages=512 size=4k asid=1 gpa=40000000 to=private\n";
        const string Release = "rmpupdate spa=200000 size=2m assigned=0 -> 0\n";
        ReplayCounts counts = TraceReplay.Run<Eager>(RmpReplayPlan.Create(Read(Small + "unsmash spa=200000 -> 0\n" + Release))).Counts;
        Assert.Equal((0L, 513L, 0L), (counts.Refused, counts.RmpUpdates, counts.OwnedAtEnd));
        counts = TraceReplay.Run<Eager>(RmpReplayPlan.Create(Read(Small + Release))).Counts;
        Assert.Equal((1L, 512L), (counts.Refused, counts.OwnedAtEnd));
        const string Few = "convert spa=200000 pages=511 to=private asid=1\nunsmash spa=200000 -> 0";
        counts = TraceReplay.Run<Eager>(RmpReplayPlan.Create(Read(Few))).Counts;
        Assert.Equal((1L, 2L), (counts.Refused, counts.FirstRefusedLine));
    }

    private static (long Violations, long Handled, long Fatal) Violations(ReplayResult result) =>
        (result.Counts.Violations, result.Counts.Handled, result.Counts.Fatal);

    private static long Splits<TPolicy>(RmpTrace trace, int events)
        where TPolicy : struct, IDirectMapPolicy
    {
        if (events == 0) return 0;
        return TraceReplay.Run<TPolicy>(RmpReplayPlan.Create(Read(Text(trace, events)))).Counts.Splits2M;
    }

    private static RmpTrace Prefixed(RmpTrace trace, string prefix) => Read(prefix + Text(trace, trace.Events.Length));

    private static string Text(RmpTrace trace, int events)
    {
        StringBuilder text = new();
        foreach (RmpTraceEvent one in trace.Events[..events])
        {
            text.Append(one.ToString()).Append('\n');
        }

        foreach (PhysicalRange range in trace.Mapped4K)
        {
            text.Insert(0, $"mapped 4k {range.Start.Value:x}-{range.End - 1:x}\n");
        }

        return text.ToString();
    }

    private static int IndexOf(RmpTrace trace, Predicate<RmpTraceEvent> wanted) => Array.FindIndex(trace.Events.ToArray(), wanted);

    private static long CountOf(RmpTrace trace, RmpTraceEventKind kind) =>
        Array.FindAll(trace.Events.ToArray(), one => one.Kind == kind && one.IsSuccess).Length;

    // The kernel's own counter after each step, from its console.
    private static long[] Counters(string name, params string[] steps)
    {
        string console = Encoding.Latin1.GetString(Fixture.Gunzipped($"real-kernel/{name}.serial.txt.gz"));
        return Array.ConvertAll(
            steps,
            step => long.Parse(
                Array.Find(Splits2M().Matches(console).ToArray(), match => match.Groups["step"].Value == step)!.Groups["splits"].Value,
                System.Globalization.CultureInfo.InvariantCulture));
    }

    private static RmpTrace Open(string name) => RmpTrace.Open(Fixture.PathOf($"real-kernel/{name}.trace.txt.gz"));

    private static RmpTrace Read(string text) => RmpTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "in");

    [GeneratedRegex("== (?<step>[^ :]+): .*?direct_map_level2_splits (?<splits>[0-9]+)")]
    private static partial Regex Splits2M();
}
