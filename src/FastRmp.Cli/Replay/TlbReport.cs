using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay;

/// <summary>Page walks of the host's accesses by the TLB model, and how many of them the map of the start would not have had.</summary>
internal sealed record TlbReport(
    [property: JsonPropertyName("walks")] long Walks, [property: JsonPropertyName("extra_walks")] long ExtraWalks);
