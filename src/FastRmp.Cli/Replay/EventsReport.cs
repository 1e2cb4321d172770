using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay;

/// <summary>How many events of each kind the trace has.</summary>
internal sealed record EventsReport(
    [property: JsonPropertyName("mm_page_alloc")] long Allocations,
    [property: JsonPropertyName("mm_page_free")] long Releases);
