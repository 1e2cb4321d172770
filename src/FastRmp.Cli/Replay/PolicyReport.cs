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
}
