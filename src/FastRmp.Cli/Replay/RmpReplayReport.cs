using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>What <c>replay --json</c> prints of an RMP trace.</summary>
internal sealed record RmpReplayReport(
    [property: JsonPropertyName("events")] IReadOnlyDictionary<string, long> Events,
    [property: JsonPropertyName("refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Refused,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies,
    [property: JsonPropertyName("costs")] CostsReport Costs)
{
    internal static RmpReplayReport From(RmpTrace trace, StudyResult study, bool showsOptimum) => new(
        RmpEventsReport.From(trace), study.Rows[0].Counts.Counts.Refused, PolicyReport.All(study, showsOptimum),
        CostsReport.From(study.Costs));
}
