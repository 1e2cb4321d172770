using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay;

/// <summary>Flushes of all processors: of everything, and of single pages.</summary>
internal sealed record FlushesReport(
    [property: JsonPropertyName("global")] long Global, [property: JsonPropertyName("ranged")] long Ranged);
