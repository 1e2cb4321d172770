using System.Globalization;
using System.Text.Json;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>Where an RMP is, as an object.</summary>
internal static class RmpJson
{
    internal static void Write(Utf8JsonWriter json, RmpLocation location)
    {
        json.WriteStartObject();
        json.WriteString("found_by", RmpPlaces.SourceName(location.Source));
        if (location.Geometry.TryGetSegmented(out SegmentedGeometry segments)) Segments(json, segments);
        else if (location.Geometry.TryGetContiguous(out ContiguousGeometry range)) Range(json, range);
        json.WriteNumber("covered_pages", location.Geometry.CoveredPages);
        json.WriteEndObject();
    }

    private static void Range(Utf8JsonWriter json, ContiguousGeometry range)
    {
        Hex(json, "base", range.Base.Value);
        Hex(json, "end", range.End.Value);
    }

    private static void Segments(Utf8JsonWriter json, SegmentedGeometry geometry)
    {
        Hex(json, "base", geometry.Base.Value);
        Hex(json, "segment_table", geometry.Base.Value + ContiguousGeometry.BookkeepingBytes);
        Hex(json, "segment_bytes", 1UL << geometry.SegmentShift);
        json.WriteStartArray("segments");
        for (int index = 0; index < geometry.CoveredRanges; index++)
        {
            PhysicalRange covered = geometry.CoveredRange(index);
            json.WriteStartObject();
            json.WriteNumber("index", geometry.Segments[index].Index);
            Hex(json, "rmp", geometry.Segments[index].RmpBase);
            Hex(json, "covered", covered.Start.Value);
            Hex(json, "covered_bytes", covered.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Hex(Utf8JsonWriter json, string name, ulong value) =>
        json.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"0x{value:x}"));
}
