using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Census;

/// <summary>A census as one JSON object.</summary>
internal static class CensusJson
{
    internal static void Write(Output output, string image, CensusRequest request, CensusResult result)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("image", image);
            json.WritePropertyName("rmp");
            RmpJson.Write(json, result.Location);
            Pages(json, request, result);
            json.WritePropertyName("direct_map");
            if (result.DirectMap is { } map) CrossCheckJson.Write(json, map);
            else json.WriteNullValue();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void Pages(Utf8JsonWriter json, CensusRequest request, CensusResult result)
    {
        RmpCensus census = result.Census;
        json.WriteNumber("counted", census.Pages);
        json.WriteNumber("absent", result.AbsentPages);
        json.WriteNumber("assigned", CensusTable.Assigned(request, result));
        json.WriteNumber("vmsa", census.VmsaPages);
        json.WriteNumber("vmsa_in_use", census.InUseVmsaPages);
        json.WriteNumber("large", census.LargePages);
        json.WriteStartObject("states");
        foreach (PageState state in Enum.GetValues<PageState>())
        {
            if (state != PageState.Default) json.WriteNumber(state.Name(), census.PagesIn(state));
        }

        json.WriteEndObject();
        json.WriteStartObject("owners");
        for (uint asid = 0; request.ListsOwners && asid <= RmpEntry.MaxAsid; asid++)
        {
            if (census.PagesOf(asid) != 0) json.WriteNumber(asid.ToString(CultureInfo.InvariantCulture), census.PagesOf(asid));
        }

        json.WriteEndObject();
        json.WriteStartObject("findings");
        foreach (RmpCensusFindingKind kind in Enum.GetValues<RmpCensusFindingKind>())
        {
            json.WriteNumber(FindingText.Name(kind), census.FindingsOf(kind));
        }

        json.WriteEndObject();
        if (census.Pages != 0 && !result.IsUnused) json.WriteBoolean("consistent", census.IsConsistent);
        else json.WriteNull("consistent");
    }
}
