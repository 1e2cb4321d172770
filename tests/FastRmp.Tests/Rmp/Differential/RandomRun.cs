using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// One random run from an empty table on. If it fails, it says so with the seed and the shortest script found that fails, too.
/// </summary>
internal static class RandomRun
{
    private const int Replays = 600;

    public static OutcomeCounts Run(MachinePlan plan, int seed, int operations)
    {
        List<Operation> done = new(operations);
        using IModels models = plan.Make();
        try
        {
            OperationSource source = new(seed, plan, models);
            for (int i = 0; i < operations; i++)
            {
                done.Add(source.Next());
                models.Run(done[^1]);
            }

            models.CompareAll();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Assert.Fail(Describe(plan, seed, done, failure));
        }

        return models.OutcomeCounts;
    }

    /// <summary>Runs a given sequence, comparing all of the state at the end.</summary>
    /// <returns>What failed, or null.</returns>
    public static Exception? Replay(MachinePlan plan, IEnumerable<Operation> operations)
    {
        using IModels models = plan.Make();
        try
        {
            foreach (Operation operation in operations)
            {
                models.Run(operation);
            }

            models.CompareAll();
            return null;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return failure;
        }
    }

    private static string Describe(MachinePlan plan, int seed, List<Operation> done, Exception failure)
    {
        List<Operation> shrunk = Shrinker.Shrink(done, rest => Replay(plan, rest) is not null, Replays);
        Exception last = Replay(plan, shrunk) ?? failure;
        List<string> lines =
        [
            FormattableString.Invariant($"{plan}, seed {seed}, after {done.Count} operations: {failure.Message}"), .. plan.Header(),
        ];
        foreach (Operation operation in shrunk)
        {
            lines.Add(operation.ToString());
        }

        lines.Add($"# {last.Message}");
        return string.Join('\n', lines);
    }
}
