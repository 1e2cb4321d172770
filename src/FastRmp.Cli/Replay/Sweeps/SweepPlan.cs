using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>What a sweep replays: every trace with every combination of parameters, under its policies.</summary>
internal sealed class SweepPlan
{
    /// <summary>Most replays of a sweep.</summary>
    internal const int MostTasks = 1_000_000;

    /// <summary>Puts the combinations in order: by trace, so that each is read as few times as possible.</summary>
    internal SweepPlan(
        IReadOnlyList<SweepTrace> traces, IReadOnlyList<ReplayOptions> options, IReadOnlyList<(string? Convert, ulong Seed)> changes,
        IReadOnlyList<StudyCosts> costs, IReadOnlyList<string> policies)
    {
        (Policies, ShowsOptimum) = ReplayCommand.Chosen(policies);
        List<SweepTask> tasks = [];
        foreach (SweepTrace trace in traces)
        {
            foreach (ReplayOptions one in options)
            {
                foreach ((string? convert, ulong seed) in changes)
                {
                    tasks.AddRange(costs.Select(cost => new SweepTask(0, trace, one, convert, seed, cost)));
                }
            }
        }

        Tasks = [.. tasks.Select(static (task, index) => task with { Index = index })];
    }

    /// <summary>The policies, each once.</summary>
    internal MapVariant[] Policies { get; }

    /// <summary>Whether the optimum is shown, too.</summary>
    internal bool ShowsOptimum { get; }

    /// <summary>The replays.</summary>
    internal IReadOnlyList<SweepTask> Tasks { get; }

    /// <summary>The names that a row's policies have, in order.</summary>
    internal IEnumerable<string> PolicyNames =>
        Policies.Select(static one => one.Name).Concat(ShowsOptimum ? [ReplayTable.OptimumName] : Array.Empty<string>());
}
