using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using Xunit;

namespace FastRmp.Tests.Logs;

/// <summary>The facts of one report from a real machine.</summary>
internal sealed class RmpLog
{
    private readonly JsonElement _root;

    private RmpLog(JsonElement root) => _root = root;

    /// <summary>What is known of the event.</summary>
    public JsonElement Expect => _root.GetProperty("expect");

    /// <summary>The processor generation, or null if the report does not say; "Genoa or newer" counts as Genoa.</summary>
    public ProcessorModel? Processor
    {
        get
        {
            if (_root.GetProperty("platform").ValueKind != JsonValueKind.Object) return null;
            string? name = _root.GetProperty("platform").GetProperty("cpu").GetString();
            return ProcessorModel.TryGetPreset(name?.Split(' ')[0], out ProcessorModel? processor) ? processor : null;
        }
    }

    /// <summary>The names of all reports that have a fact of a kind.</summary>
    public static TheoryData<string> With(params string[] facts)
    {
        TheoryData<string> names = [];
        foreach (string path in Directory.GetFiles(Folder, "*.json"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            JsonElement expect = Load(name).Expect;
            if (Array.TrueForAll(facts, fact => expect.TryGetProperty(fact, out _))) names.Add(name);
        }

        return names;
    }

    /// <summary>Reads a report by its name, or by the number that the name begins with.</summary>
    public static RmpLog Load(string name)
    {
        string path = Directory.GetFiles(Folder, name + "*.json")[0];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new RmpLog(document.RootElement.Clone());
    }

    /// <summary>A list of facts, empty if there are none.</summary>
    public IEnumerable<JsonElement> All(string fact)
    {
        if (!Expect.TryGetProperty(fact, out JsonElement list)) yield break;
        foreach (JsonElement item in list.EnumerateArray())
        {
            yield return item;
        }
    }

    /// <summary>Every RMP entry that was printed, of single pages and of dumped regions.</summary>
    public IEnumerable<JsonElement> Entries()
    {
        foreach (JsonElement entry in All("rmp_entries"))
        {
            yield return entry;
        }

        foreach (JsonElement region in All("unassigned_regions"))
        {
            foreach (JsonElement entry in region.GetProperty("entries").EnumerateArray())
            {
                yield return entry;
            }
        }
    }

    /// <summary>A number: as it is, or as a string in hexadecimal.</summary>
    public static ulong Number(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetUInt64()
        : ulong.Parse(value.GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>A number that is a field of an object.</summary>
    public static ulong Number(JsonElement value, string field) => Number(value.GetProperty(field));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "rmp-logs");
}
