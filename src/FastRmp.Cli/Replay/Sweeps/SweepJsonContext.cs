using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>Generated serialisation: a line a row.</summary>
[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(SweepRow))]
[JsonSerializable(typeof(SweepListed))]
internal sealed partial class SweepJsonContext : JsonSerializerContext;
