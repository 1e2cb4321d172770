using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>What <c>replay --json</c> prints.</summary>
internal sealed record ReplayReport(
    [property: JsonPropertyName("events")] EventsReport Events,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies,
    [property: JsonPropertyName("costs")] CostsReport Costs,
    [property: JsonPropertyName("conversions"),
    JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ConversionsReport? Conversions = null)
{
    internal static ReplayReport From(PageTrace trace, StudyResult study, bool showsOptimum) =>
        From(EventsReport.From(trace), study, showsOptimum);

    internal static ReplayReport From(EventsReport events, StudyResult study, bool showsOptimum) => new(
        events, PolicyReport.All(study, showsOptimum), CostsReport.From(study.Costs), ConversionsReport.From(study.Converted));
}
