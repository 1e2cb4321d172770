using System.Collections.Generic;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit.Sdk;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// Few schedules in which each rule about locks that a 2 MiB instruction overwrites is needed. The mutants of these rules run them, too.
/// </summary>
public static class OverwrittenLocks
{
    private const ulong Gpa = 0x4000_0000;
    private const ulong F = ScheduledRegion.First;
    private const ulong L = ScheduledRegion.Last;

    private static readonly Step AssignLarge = new(StepKind.Update, 0, Operands.Assign(Gpa, 1, PageSize.Size2M));
    private static readonly Step ReleaseLarge = new(StepKind.Update, 0, Operands.Release(PageSize.Size2M));

    /// <summary>Runs them.</summary>
    /// <returns>What has no explanation, or null.</returns>
    public static string? Explore()
    {
        try
        {
            using ScheduledRegion forwards = new(2);
            using ScheduledRegion backwards = new(2, backwards: true);
            using ScheduledRegion three = new(3);
            Locks(three);
            Parts(forwards);
            Parts(backwards);
            return null;
        }
        catch (XunitException complaint)
        {
            return complaint.Message;
        }
    }

    /// <summary>Whoever has seen a part of the change finds the rest.</summary>
    private static void Parts(ScheduledRegion region)
    {
        Step[] bothEnds = [new(StepKind.Disclose, F), new(StepKind.Disclose, L), new(StepKind.Disclose, F)];
        region.Explore(2, [], bothEnds, [AssignLarge]);
        region.Explore(2, [AssignLarge], bothEnds, [ReleaseLarge]);
        region.Explore(2, [AssignLarge], bothEnds, [new Step(StepKind.Smash, 0)]);
        region.Explore(2, [AssignLarge], [Assign(1), new Step(StepKind.Lookup, F)], [ReleaseLarge]);
    }

    /// <summary>A lock that was overwritten is not held; nor is one that another thread took after that. The lock has to come between a
    /// large instruction's reading and its writing, and after a reading of the base before both: no few switches lead there.</summary>
    private static void Locks(ScheduledRegion region)
    {
        Step enter = new(StepKind.Enter, F);
        region.Explore(1, [], [Assign(1), enter], [AssignLarge]);
        foreach (Step small in (Step[])[Assign(1), enter])
        {
            region.Follow(Schedules(inside: 2), [], [small], [AssignLarge, ReleaseLarge], [Assign(2)]);
        }

        region.Follow(Schedules(inside: 0), [], [Assign(1)], [AssignLarge, ReleaseLarge], [AssignLarge]);
    }

    /// <param name="inside">The thread that the other one runs in the midst of, when the lock is lost: 2 or 0.</param>
    private static IEnumerable<Scheduler.Turn[]> Schedules(int inside)
    {
        const int All = int.MaxValue;
        for (int untilBase = 2; untilBase <= 5; untilBase++)
        {
            for (int untilRead = 2; untilRead <= 7; untilRead++)
            {
                for (int untilLock = 1; untilLock <= 4; untilLock++)
                {
                    for (int inMidst = 1; inMidst <= (inside == 0 ? 5 : 12); inMidst++)
                    {
                        yield return
                        [
                            new(0, untilBase), new(1, untilRead), new(0, untilLock), new(1, All), new(inside, inMidst),
                            new(2 - inside, All),
                        ];
                    }
                }
            }
        }
    }

    private static Step Assign(uint asid) => new(StepKind.Update, F, Operands.Assign(Gpa + F, asid));
}
