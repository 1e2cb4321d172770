using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using FastRmp.Addressing;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Corpus;

/// <summary>One log of a real host: what it shows, as others decoded it.</summary>
internal sealed class LogCase
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "rmp-logs");

    private readonly JsonElement _expect;

    private LogCase(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name)));
        Root = document.RootElement.Clone();
        _expect = Root.GetProperty("expect");
    }

    public JsonElement Root { get; }

    /// <summary>The names of the cases that show something of a kind.</summary>
    public static TheoryData<string> With(string kind)
    {
        TheoryData<string> names = [];
        foreach (string path in Files())
        {
            string name = Path.GetFileName(path);
            if (Open(name)._expect.TryGetProperty(kind, out _)) names.Add(name);
        }

        return names;
    }

    public static LogCase Open(string name) => new(name);

    public static ulong Hex(JsonElement element) =>
        ulong.Parse(element.GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static ulong Hex(JsonElement parent, string name) => Hex(parent.GetProperty(name));

    public static uint Number(JsonElement parent, string name) => parent.GetProperty(name).GetUInt32();

    /// <summary>The items of a list, none if the case has no such list.</summary>
    public List<JsonElement> Items(string kind)
    {
        List<JsonElement> items = [];
        if (!_expect.TryGetProperty(kind, out JsonElement list)) return items;
        foreach (JsonElement item in list.EnumerateArray())
        {
            items.Add(item);
        }

        return items;
    }

    public JsonElement Fact(string name) => _expect.GetProperty(name);

    /// <summary>Every entry that the log prints, alone or in the dump of a region.</summary>
    public List<JsonElement> Entries()
    {
        List<JsonElement> entries = Items("rmp_entries");
        foreach (JsonElement region in Items("unassigned_regions"))
        {
            entries.AddRange(region.GetProperty("entries").EnumerateArray());
        }

        return entries;
    }

    /// <summary>The geometry of a table that the log prints.</summary>
    public static ContiguousGeometry Geometry(JsonElement table) => new(PhysicalAddress.Create(Hex(table, "start")), PhysicalAddress.Create(Hex(table, "end")));

    private static string[] Files()
    {
        string[] files = Directory.GetFiles(Folder, "*.json");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
