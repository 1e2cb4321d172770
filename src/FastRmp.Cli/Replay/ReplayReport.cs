using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>What <c>replay --json</c> prints.</summary>
internal sealed record ReplayReport(
    [property: JsonPropertyName("events")] EventsReport Events,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies)
{
    internal static ReplayReport From(PageTrace trace, ReadOnlySpan<ReplayResult> results) =>
        new(EventsReport.From(trace), PolicyReport.All(results));
}
