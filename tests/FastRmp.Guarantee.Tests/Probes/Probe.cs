using System;
using FastRmp.Guarantee.Tests.Play;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit.Sdk;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>
/// Looks for what is wrong with the library that it is compiled with. The way in for the tests, which compile it with a broken one.
/// </summary>
public static class Probe
{
    private const int Moves = 400_000;
    private const int OperationsEach = 10_000;
    private const int StormWriters = 2;
    private const int StormSteps = 200_000;
    private const int FirstSeed = 1_000_000;

    // Several times what the library needs when nothing is wrong with it.
    private const long Turns = 1_000_000_000;

    private static readonly ProcessorModel[] Processors = [ProcessorModel.Genoa, ProcessorModel.Milan, ProcessorModel.Turin];

    /// <summary>Plays the game.</summary>
    /// <returns>What the guest noticed, or null.</returns>
    public static string? Play()
    {
        Tally tally = new();
        return Notice(() => Tournament.Play(Moves, FirstSeed, tally), () => $"after {tally.Moves} moves");
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

    /// <summary>Lets writers and a reader loose on one 2 MiB region.</summary>
    /// <returns>What the reader saw that cannot be, or null.</returns>
    public static string? Watch()
    {
        LoopBudget.Grant(Turns);
        using StormWorld world = new(regions: 1, StormWriters, ContentionCode.FailInUse);
        Storm storm = new(world, readers: 1, FirstSeed);
        Window.Open(() => storm.Readers[0].Complaint is null ? storm.Readers[0].Looks : null);
        storm.Run(StormSteps);
        return storm.Complaint is null ? null : $"after {storm.Readers[0].Looks} looks: {storm.Complaint}";
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
