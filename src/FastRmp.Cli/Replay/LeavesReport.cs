using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>Leaves by size.</summary>
internal sealed record LeavesReport(
    [property: JsonPropertyName("1G")] long Leaves1G,
    [property: JsonPropertyName("2M")] long Leaves2M,
    [property: JsonPropertyName("4K")] long Leaves4K)
{
    internal static LeavesReport From(LeafCounts leaves) => new(leaves.Leaves1G, leaves.Leaves2M, leaves.Leaves4K);
}
