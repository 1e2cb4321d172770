using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Images.Tests.Replay;

/// <summary>Random traces, replayed by the engine and by the reference.</summary>
public class ReplayReferenceTests
{
    private const int Events = 160;

    // Holes, ragged ends, ranges that touch, a 1 GiB leaf, one that is split by where it starts.
    private static readonly PhysicalRange[][] Machines =
    [
        [Replays.Range(0, 4 * Replays.MiB)],
        [Replays.Range(0x1000, 0x9E_C00), Replays.Range(0x10_0000, (5 * Replays.MiB) + 0x3000)],
        [Replays.Range(0, 0x30_0000), Replays.Range(0x30_0000, 0x30_0000)],
        [Replays.Range(Replays.GiB - (2 * Replays.MiB), Replays.GiB + (4 * Replays.MiB))],
        [Replays.Range(0, 2 * Replays.MiB), Replays.Range(Replays.GiB, Replays.GiB),
            Replays.Range((2 * Replays.GiB) + 0x5000, Replays.MiB)],
    ];

    private static readonly string[] Tasks = ["busybox-vm1", "busybox-vm2", "busybox-vm3", "sh", "kworker/0:1"];

    public static TheoryData<int, bool> Seeds()
    {
        TheoryData<int, bool> data = [];
        for (int seed = 0; seed < 60; seed++)
        {
            data.Add(seed, seed % 4 != 3);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_policy_counts_what_the_reference_counts(int seed, bool largeEntries)
    {
        Random random = new(seed);
        PhysicalRange[] ram = Machines[seed % Machines.Length];
        List<ReferenceTraceEvent> events = [];
        TraceText text = new();
        for (int i = 0; i < Events; i++)
        {
            ReferenceTraceEvent one = Next(random, ram, events);
            events.Add(one);
            _ = one.IsAllocation ? text.Allocate(one.Pfn, one.Order, one.Task, one.MigrateType) : text.Free(one.Pfn, one.Order, one.Task);
        }

        using PageTrace trace = text.Read();
        Assert.False(trace.Problems.Any);
        ReplayPlan plan = ReplayPlan.Create(trace, ram, new ReplayOptions { LargeEntries = largeEntries });
        ReferenceReplayOptions options = new()
        {
            Memory = Array.ConvertAll(ram, static range => new ReferenceRange(range.Start.Value, range.End - 1)),
            LargeEntries = largeEntries,
        };
        foreach (ReferencePolicy policy in ReferencePolicy.All)
        {
            ReferenceReplayResult expected = ReferenceReplay.Run(options, policy, events);
            Assert.Equal(Text(expected), Text(TraceReplay.Run(policy.Name, plan)));
        }
    }

    [Fact]
    public void The_policies_are_those_of_the_reference_in_its_order()
    {
        List<string> names = [];
        foreach (ReferencePolicy policy in ReferencePolicy.All)
        {
            names.Add(policy.Name);
        }

        Assert.Equal(names, TraceReplay.PolicyNames.ToArray());
    }

    // Half of the events are about places that were used before, so that frees, stale pages and neighbours happen.
    private static ReferenceTraceEvent Next(Random random, PhysicalRange[] ram, List<ReferenceTraceEvent> events)
    {
        string task = Tasks[random.Next(Tasks.Length)];
        int migrateType = random.Next(3);
        bool allocates = random.Next(5) < 3;
        int order = random.Next(4) switch
        {
            0 => 9 + random.Next(3),
            1 => random.Next(9),
            _ => random.Next(3),
        };
        if (events.Count > 0 && random.Next(2) == 0)
        {
            ReferenceTraceEvent before = events[random.Next(events.Count)];
            ulong inside = before.Pfn + (ulong)random.Next(random.Next(2) == 0 ? 1 : 1 << before.Order);
            return new ReferenceTraceEvent(allocates, inside, random.Next(3) == 0 ? before.Order : order, task, migrateType);
        }

        PhysicalRange range = ram[random.Next(ram.Length)];
        ulong frame = (range.Start.Value >> 12) + (ulong)random.NextInt64((long)Math.Min(range.Length >> 12, 2048));
        if (random.Next(2) == 0) frame &= ~0UL << order;
        return new ReferenceTraceEvent(allocates, frame, order, task, migrateType);
    }

    private static string Text(ReferenceReplayResult result)
    {
        ReferenceReplayCounts c = result.Counts;
        return Text(
            [c.GuestPages, c.HostWrites, c.RmpUpdate, c.PSmash, c.Violations, c.Handled, c.Fatal, c.Splits1G, c.Splits2M, c.Rejoins2M,
                c.Rejoins1G, c.Stale, c.Outside, c.OwnedAtEnd],
            [result.Start.Leaves1G, result.Start.Leaves2M, result.Start.Leaves4K, result.End.Leaves1G, result.End.Leaves2M,
                result.End.Leaves4K, result.Peak4K]);
    }

    private static string Text(ReplayResult result)
    {
        ReplayCounts c = result.Counts;
        return Text(
            [c.GuestPages, c.HostWrites, c.RmpUpdates, c.PSmashes, c.Violations, c.Handled, c.Fatal, c.Splits1G, c.Splits2M, c.Rejoins2M,
                c.Rejoins1G, c.Stale, c.Outside, c.OwnedAtEnd],
            [result.Start.Leaves1G, result.Start.Leaves2M, result.Start.Leaves4K, result.End.Leaves1G, result.End.Leaves2M,
                result.End.Leaves4K, result.Peak4K]);
    }

    private static string Text(long[] counts, long[] leaves) =>
        string.Create(CultureInfo.InvariantCulture, $"counts {string.Join(' ', counts)}; leaves {string.Join(' ', leaves)}");
}
