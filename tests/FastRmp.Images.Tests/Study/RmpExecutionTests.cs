using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using FastRmp.Images.Study;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>Instructions that are executed ahead, on a thread of their own, end as those that are executed when they are asked
/// for.</summary>
public sealed class RmpExecutionTests
{
    private const int Events = 60_000; // more than all blocks hold

    private static readonly Lazy<RmpReplayPlan> Plan = new(MakePlan);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thread_of_its_own_makes_no_difference(bool refuses)
    {
        RmpReplayPlan plan = Plan.Value;
        using ReverseMapTable<ContiguousGeometry> left = ReplayHost.CreateTable(plan.Ram, plan.Processor, "x");
        using ReverseMapTable<ContiguousGeometry> right = ReplayHost.CreateTable(plan.Ram, plan.Processor, "x");
        using RmpExecution ahead = new(plan, left, refuses, isAhead: true);
        using RmpExecution inStep = new(plan, right, refuses, isAhead: false);
        HashSet<(RmpTraceEventKind Kind, int Outcome)> seen = [];
        int changes = 0;
        foreach (ReadOnlySpan<RmpRecord> events in plan.Trace.Blocks)
        {
            ReadOnlySpan<int> outcomes = inStep.Next(events.Length);
            Assert.True(outcomes.SequenceEqual(ahead.Next(events.Length)));
            for (int index = 0; index < events.Length; index++)
            {
                if (events[index].Kind != RmpTraceEventKind.Convert)
                {
                    seen.Add((events[index].Kind, outcomes[index]));
                    continue;
                }

                for (int change = 0; change < outcomes[index]; change++, changes++)
                {
                    Assert.Equal(inStep.NextChange(), ahead.NextChange());
                }
            }
        }

        Assert.InRange(changes, 10_000, int.MaxValue);
        foreach (RmpTraceEventKind kind in (RmpTraceEventKind[])[RmpTraceEventKind.RmpUpdate, RmpTraceEventKind.PSmash])
        {
            Assert.Contains((kind, (int)RmpOutcome.Done), seen);
            Assert.Contains((kind, (int)RmpOutcome.Failed), seen);
        }

        Assert.Equal(refuses, seen.Contains((RmpTraceEventKind.RmpUpdate, (int)RmpOutcome.Refused)));
        Assert.Equal(left.AssignedPages(1), right.AssignedPages(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void Who_takes_may_stop_early(int blocks)
    {
        RmpReplayPlan plan = Plan.Value;
        for (int round = 0; round < 10; round++)
        {
            using ReverseMapTable<ContiguousGeometry> table = ReplayHost.CreateTable(plan.Ram, plan.Processor, "x");
            using RmpExecution execution = new(plan, table, refuses: false, isAhead: true);
            int taken = 0;
            foreach (ReadOnlySpan<RmpRecord> events in plan.Trace.Blocks)
            {
                if (taken++ == blocks) break;
                Assert.Equal(events.Length, execution.Next(events.Length).Length);
            }
        }
    }

    [Fact]
    public void A_conversion_of_a_gibibyte_is_a_run_and_not_a_change_for_each_page()
    {
        RmpReplayPlan plan = Read("""
            ram 0-3fffffff
            convert spa=0 pages=262144 asid=1 gpa=40000000 to=private
            convert spa=0 pages=262144 to=shared
            convert spa=0 pages=262144 size=2m asid=1 gpa=40000000 to=private
            convert spa=1000 pages=262143 to=shared

            """);
        using ReverseMapTable<ContiguousGeometry> table = ReplayHost.CreateTable(plan.Ram, plan.Processor, "x");
        using RmpExecution execution = new(plan, table, refuses: true);
        Assert.Equal([1, 1, 1, 3], execution.Next(4).ToArray());
        RmpChange change = execution.NextChange();
        Assert.Equal((262_144UL, PageSize.Size4K, RmpOutcome.Done), (change.Pages, change.Operand.PageSize, change.Outcome));
        _ = execution.NextChange();
        change = execution.NextChange();
        Assert.Equal((262_144UL, PageSize.Size2M), (change.Pages, change.Operand.PageSize));
        Assert.True(execution.NextChange().IsSmash);
        Assert.Equal(511UL, execution.NextChange().Pages);
        Assert.Equal(262_144UL - 512, execution.NextChange().Pages);
        Assert.Equal(1UL, table.AssignedPages(1));
    }

    private static RmpReplayPlan MakePlan()
    {
        Random random = new(41);
        StringBuilder text = new("# fastrmp rmp trace 1\nram 0-fffff 200000-ffffff\n");
        for (int i = 0; i < Events; i++)
        {
            int frame = random.Next(0x1100);
            int pages = random.Next(600);
            CultureInfo invariant = CultureInfo.InvariantCulture;
            switch (random.Next(40))
            {
                case 0:
                    text.Append(invariant, $"convert spa={frame:x}000 pages={pages + 1} size=2m asid=1 gpa={frame:x}000 to=private\n");
                    break;
                case 1:
                    text.Append(invariant, $"convert spa={frame:x}000 pages={pages + 1} to=shared\n");
                    break;
                case 2:
                    text.Append(invariant, $"psmash spa={frame & ~511:x}000 -> 0\n");
                    break;
                case 3:
                    text.Append(invariant, $"unsmash spa={frame & ~511:x}000 -> 0\n");
                    break;
                case 4:
                    int region = frame & ~511;
                    text.Append(invariant, $"rmpupdate spa={region:x}000 size=2m assigned=1 asid=1 gpa={region:x}000 -> {i & 1}\n");
                    break;
                case < 10:
                    text.Append(invariant, $"write spa={frame:x}000\n");
                    break;
                default:
                    text.Append(invariant, $"rmpupdate spa={frame:x}000 assigned={i & 1} asid={i & 1} gpa={(i & 1) * frame:x}000 -> 0\n");
                    break;
            }
        }

        RmpReplayPlan plan = Read(text.ToString());
        Assert.Equal(Events, plan.Trace.EventCount);
        return plan;
    }

    private static RmpReplayPlan Read(string text)
    {
        using MemoryStream stream = new(Encoding.ASCII.GetBytes(text));
        RmpTrace trace = RmpTrace.Read(stream, "x");
        Assert.Equal(0, trace.Problems.Count);
        return RmpReplayPlan.Create(trace);
    }
}
