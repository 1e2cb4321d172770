using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>A case of the collection of public logs: the lines, and the facts that follow from them.</summary>
internal sealed class LogCase
{
    private static readonly string[] NotCompared = ["relations", "msrs", "diagnosis", "notes", "covers_top_mem2"];

    private LogCase(string name, JsonElement root, string? text)
    {
        Name = name;
        Expect = root.GetProperty("expect");
        Text = text;
    }

    public string Name { get; }

    public JsonElement Expect { get; }

    public string? Text { get; }

    public string[] Lines => Text!.TrimEnd('\n').Split('\n');

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "rmp-logs");

    public static TheoryData<string> Verbatim()
    {
        TheoryData<string> names = [];
        string[] paths = Directory.GetFiles(Folder, "*.txt");
        Array.Sort(paths, StringComparer.Ordinal);
        foreach (string path in paths) names.Add(Path.GetFileNameWithoutExtension(path));
        return names;
    }

    public static LogCase Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        string log = Path.Combine(Folder, name + ".txt");
        return new LogCase(name, document.RootElement.Clone(), File.Exists(log) ? File.ReadAllText(log) : null);
    }

    /// <summary>The facts that the reader finds.</summary>
    public static JsonElement Read(string text, out LogReport report)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log");
        report = reader.ReadAll();
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) report.WriteFacts(writer);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    public static JsonElement Read(string text) => Read(text, out _);

    /// <summary>Where the facts found differ from those that the case states.</summary>
    public List<string> Differences(JsonElement found)
    {
        List<string> differences = [];
        foreach (JsonProperty fact in Expect.EnumerateObject())
        {
            if (Array.IndexOf(NotCompared, fact.Name) >= 0) continue;
            if (!found.TryGetProperty(fact.Name, out JsonElement value)) differences.Add($"{fact.Name} is missing");
            else Compare(fact.Name, fact.Value, value, differences);
        }

        return differences;
    }

    private static void Compare(string path, JsonElement expected, JsonElement found, List<string> differences)
    {
        if (expected.ValueKind == JsonValueKind.Number && found.ValueKind == JsonValueKind.Number)
        {
            if (expected.GetDecimal() != found.GetDecimal()) differences.Add($"{path}: {expected} expected, {found} found");
            return;
        }

        if (expected.ValueKind != found.ValueKind)
        {
            differences.Add($"{path}: {expected} expected, {found} found");
            return;
        }

        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty field in expected.EnumerateObject())
                {
                    if (!found.TryGetProperty(field.Name, out JsonElement value)) differences.Add($"{path}.{field.Name} is missing");
                    else Compare($"{path}.{field.Name}", field.Value, value, differences);
                }

                break;
            case JsonValueKind.Array:
                if (expected.GetArrayLength() != found.GetArrayLength())
                {
                    differences.Add($"{path}: {expected.GetArrayLength()} items expected, {found.GetArrayLength()} found");
                    break;
                }

                for (int i = 0; i < expected.GetArrayLength(); i++) Compare($"{path}[{i}]", expected[i], found[i], differences);
                break;
            default:
                if (expected.ToString() != found.ToString()) differences.Add($"{path}: {expected} expected, {found} found");
                break;
        }
    }
}
