using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>An input, and the SHA-256 of its bytes.</summary>
internal sealed record SweepFile(
    [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("sha256")] string Sha256);
