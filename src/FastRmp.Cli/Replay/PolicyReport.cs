using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>One policy's result.</summary>
internal sealed record PolicyReport(
    [property: JsonPropertyName("counts")] CountsReport Counts,
    [property: JsonPropertyName("direct_map_start")] LeavesReport Start,
    [property: JsonPropertyName("direct_map_end")] LeavesReport End,
    [property: JsonPropertyName("peak_4k")] long Peak4K)
{
    internal static PolicyReport From(ReplayResult result) =>
        new(CountsReport.From(result.Counts), LeavesReport.From(result.Start), LeavesReport.From(result.End), result.Peak4K);

    internal static IReadOnlyDictionary<string, PolicyReport> All(ReadOnlySpan<ReplayResult> results)
    {
        Dictionary<string, PolicyReport> policies = new(results.Length);
        foreach (ReplayResult result in results)
        {
            policies.Add(result.Policy, From(result));
        }

        return policies;
    }
}
