using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>What <c>replay --json</c> prints of an RMP trace.</summary>
internal sealed record RmpReplayReport(
    [property: JsonPropertyName("events")] IReadOnlyDictionary<string, long> Events,
    [property: JsonPropertyName("refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Refused,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies)
{
    internal static RmpReplayReport From(RmpTrace trace, ReadOnlySpan<ReplayResult> results) =>
        new(RmpEventsReport.From(trace), results[0].Counts.Refused, PolicyReport.All(results));
}
