using System;
using FastRmp.Guarantee.Tests.Simulation;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit.Sdk;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>
/// Checks the library that it is compiled with. The entry point for the tests, which compile it with a mutant.
/// </summary>
public static class Probe
{
    private const int Moves = 400_000;
    private const int OperationsEach = 10_000;
    private const int StressWriterCount = 2;
    private const int StressSteps = 200_000;
    private const int FirstSeed = 1_000_000;

    // Ten times and more what the library needs when nothing is wrong with it.
    private const long Turns = 200_000_000;

    private static readonly ProcessorModel[] Processors = [ProcessorModel.Genoa, ProcessorModel.Milan, ProcessorModel.Turin];

    /// <summary>Runs the simulation.</summary>
    /// <returns>What the guest detected, or null.</returns>
    public static string? Simulate()
    {
        EventCounts events = new();
        return Notice(() => SimulationRuns.Run(Moves, FirstSeed, events), () => $"after {events.Moves} steps");
    }

    /// <summary>Compares with the reference.</summary>
    /// <returns>The first difference, or null.</returns>
    public static string? Compare()
    {
        int operations = 0;
        return Notice(Run, () => $"after {operations} operations");

        void Run()
        {
            foreach (ProcessorModel processor in Processors)
            {
                using Differential differential = new(FirstSeed, processor);
                for (int i = 0; i < OperationsEach; i++, operations++) differential.Step(i);
                differential.CompareAll();
            }
        }
    }

    /// <summary>Runs writers and a reader on one 2 MiB region.</summary>
    /// <returns>The impossible entry that the reader saw, or null.</returns>
    public static string? Watch()
    {
        LoopBudget.Grant(Turns);
        using StressedTable stressed = new(regions: 1, StressWriterCount, ContentionCode.FailInUse);
        StressRun run = new(stressed, readers: 1, FirstSeed);
        RaceWindow.Open(() => run.Readers[0].Complaint is null ? run.Readers[0].Looks : null);
        run.Run(StressSteps);
        return run.Complaint is null ? null : $"after {run.Readers[0].Looks} looks: {run.Complaint}";
    }

    private static string? Notice(Action probe, Func<string> when)
    {
        LoopBudget.Grant(Turns);
        try
        {
            probe();
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or XunitException)
        {
            return $"{when()}: {exception.Message}";
        }
    }
}
