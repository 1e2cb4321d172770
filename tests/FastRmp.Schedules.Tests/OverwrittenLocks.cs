using System;
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
    private static readonly Step[] ComesAndGoes = [AssignLarge, ReleaseLarge];

    /// <summary>Runs them.</summary>
    /// <returns>What has no explanation, or null.</returns>
    public static string? Explore()
    {
        try
        {
            Run(backwards: false);
            Run(backwards: true);
            return null;
        }
        catch (XunitException complaint)
        {
            return complaint.Message;
        }
    }

    private static void Run(bool backwards)
    {
        using ScheduledRegion region = new(2, backwards: backwards);

        // Whoever has seen a part of the change finds the rest.
        Step[] bothEnds = [new(StepKind.Disclose, F), new(StepKind.Disclose, L), new(StepKind.Disclose, F)];
        region.Explore(2, [], bothEnds, [AssignLarge]);
        region.Explore(2, [AssignLarge], bothEnds, [ReleaseLarge]);
        region.Explore(2, [AssignLarge], bothEnds, [new Step(StepKind.Smash, 0)]);
        region.Explore(2, [], [new Step(StepKind.Verify, 0), new Step(StepKind.Report, 0)], [AssignLarge]);

        // A lock that was overwritten is not held; nor is one that another thread took after that.
        region.Explore(3, [], [Assign(1)], ComesAndGoes);
        region.Explore(3, [], [new Step(StepKind.Enter, F)], ComesAndGoes);
        region.Explore(3, [], [Assign(1)], [.. ComesAndGoes, AssignLarge]);
        region.Explore(3, [], [Assign(1)], [.. ComesAndGoes, Assign(2)]);
        region.Explore(3, [], [Assign(1), new Step(StepKind.Lookup, F)], [AssignLarge, new Step(StepKind.Smash, 0)]);
    }

    private static Step Assign(uint asid) => new(StepKind.Update, F, Operands.Assign(Gpa + F, asid));
}
