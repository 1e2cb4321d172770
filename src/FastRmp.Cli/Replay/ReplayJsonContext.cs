using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay;

/// <summary>Generated serialisation: no reflection at run time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(RmpReplayReport))]
internal sealed partial class ReplayJsonContext : JsonSerializerContext;
