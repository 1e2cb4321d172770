using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay;

/// <summary>Table pages beyond those at the start; the mean is over the time of the trace.</summary>
internal sealed record TablesReport(
    [property: JsonPropertyName("peak")] long Peak,
    [property: JsonPropertyName("mean")] double Mean,
    [property: JsonPropertyName("end")] long End);
