using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>What <c>replay --json</c> prints.</summary>
internal sealed record ReplayReport(
    [property: JsonPropertyName("events")] EventsReport Events,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies,
    [property: JsonPropertyName("costs")] CostsReport Costs)
{
    internal static ReplayReport From(PageTrace trace, StudyResult study, bool showsOptimum) =>
        new(EventsReport.From(trace), PolicyReport.All(study, showsOptimum), CostsReport.From(study.Costs));
}
