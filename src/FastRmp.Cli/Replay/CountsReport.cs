using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>The counts of one policy, with the names that other programs read. The set of keys is closed: new numbers go beside
/// it.</summary>
internal sealed record CountsReport(
    [property: JsonPropertyName("guest_pages")] long GuestPages,
    [property: JsonPropertyName("host_writes")] long HostWrites,
    [property: JsonPropertyName("rmpupdate")] long RmpUpdates,
    [property: JsonPropertyName("psmash")] long PSmashes,
    [property: JsonPropertyName("violations")] long Violations,
    [property: JsonPropertyName("handled")] long Handled,
    [property: JsonPropertyName("fatal")] long Fatal,
    [property: JsonPropertyName("splits_1g")] long Splits1G,
    [property: JsonPropertyName("splits_2m")] long Splits2M,
    [property: JsonPropertyName("rejoins_2m")] long Rejoins2M,
    [property: JsonPropertyName("rejoins_1g")] long Rejoins1G,
    [property: JsonPropertyName("stale")] long Stale,
    [property: JsonPropertyName("outside")] long Outside,
    [property: JsonPropertyName("owned_at_end")] long OwnedAtEnd)
{
    internal static CountsReport From(ReplayCounts counts) => new(
        counts.GuestPages,
        counts.HostWrites,
        counts.RmpUpdates,
        counts.PSmashes,
        counts.Violations,
        counts.Handled,
        counts.Fatal,
        counts.Splits1G,
        counts.Splits2M,
        counts.Rejoins2M,
        counts.Rejoins1G,
        counts.Stale,
        counts.Outside,
        counts.OwnedAtEnd);
}
