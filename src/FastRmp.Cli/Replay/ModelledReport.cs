using System;
using System.Text.Json.Serialization;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>The modelled cost in nanoseconds of processor time, by cause.</summary>
internal sealed record ModelledReport(
    [property: JsonPropertyName("tables"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Tables,
    [property: JsonPropertyName("flushes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Flushes,
    [property: JsonPropertyName("faults"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Faults,
    [property: JsonPropertyName("scans"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Scans,
    [property: JsonPropertyName("tlb"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Tlb,
    [property: JsonPropertyName("total")] double Total)
{
    internal static ModelledReport From(StudyCost cost) => new(
        Math.Round(cost.Tables), Math.Round(cost.Flushes), Math.Round(cost.Faults), Math.Round(cost.Scans), Math.Round(cost.Tlb),
        Math.Round(cost.Total));
}
