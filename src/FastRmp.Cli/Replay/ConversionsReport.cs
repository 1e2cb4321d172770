using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Serialization;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>What the guests of a conversion model did beside the trace.</summary>
internal sealed record ConversionsReport(
    [property: JsonPropertyName("to_shared")] long ToShared,
    [property: JsonPropertyName("to_private")] long ToPrivate,
    [property: JsonPropertyName("accepted_blocks")] long Accepted,
    [property: JsonPropertyName("balloon_blocks")] long Balloons,
    [property: JsonPropertyName("swiotlb_pages")] long SwiotlbPages,
    [property: JsonPropertyName("vmsa_pages")] long Vmsas,
    [property: JsonPropertyName("smashed_entries")] long Smashes,
    [property: JsonPropertyName("host_writes")] IReadOnlyDictionary<string, long> HostWrites)
{
    internal static ConversionsReport? From(ConversionCounts? counts) => counts is null ? null : new ConversionsReport(
        counts.ToShared, counts.ToPrivate, counts.Accepted, counts.Balloons, counts.SwiotlbPages, counts.Vmsas, counts.Smashes,
        counts.Writes);

    /// <summary>The same as a line of text.</summary>
    internal static string Line(ConversionCounts counts)
    {
        IEnumerable<string> writes = counts.Writes.Select(
            static one => string.Create(CultureInfo.InvariantCulture, $"{one.Value} {one.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"conversions: {counts.ToShared} to shared, {counts.ToPrivate} back; {counts.Accepted} blocks accepted, {counts.Balloons} in balloons; pages: {counts.SwiotlbPages} swiotlb, {counts.Vmsas} VMSA; {counts.Smashes} entries smashed; host writes: {string.Join(", ", writes)}");
    }
}
