using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using FastRmp.Images;

namespace FastRmp.Cli.CrossCheck;

/// <summary>A comparison as an object.</summary>
internal static class CrossCheckJson
{
    internal static void Write(Utf8JsonWriter json, CrossCheckReport report)
    {
        json.WriteStartObject();
        Hex(json, "base", report.Location.Base.Value);
        foreach ((string name, long value) in CrossCheckText.Counts(report.Totals)) json.WriteNumber(name, value);
        json.WriteNumber("absent_tables", report.AbsentTables);
        json.WriteStartArray("writes_fault");
        foreach (DirectMapRmpRegion region in report.Faulting)
        {
            json.WriteStartObject();
            Place(json, region);
            json.WriteString("leaf", region.Leaf.ShortName());
            json.WriteNumber("assigned", region.AssignedPages);
            Hex(json, "first_assigned", region.FirstAssigned.Value);
            json.WriteNumber("asid", region.Asid);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("could_be_whole");
        Free(json, report.Free);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static void Hex(Utf8JsonWriter json, string name, ulong value) =>
        json.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"0x{value:x}"));

    private static void Free(Utf8JsonWriter json, List<DirectMapRmpRegion> regions)
    {
        foreach (DirectMapRmpRegion region in regions)
        {
            json.WriteStartObject();
            Place(json, region);
            json.WriteBoolean("alike", region.IsAlike);
            json.WriteStartArray("reasons");
            for (int index = 0; index < SplitReasonsExtensions.Count; index++)
            {
                if (region.Reasons.Has(index)) json.WriteStringValue(SplitReasonsExtensions.Name(index));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void Place(Utf8JsonWriter json, in DirectMapRmpRegion region)
    {
        Hex(json, "va", region.VirtualAddress.Value);
        Hex(json, "pa", region.Start.Value);
    }
}
