using System.Collections.Generic;
using System.Text.Json;

namespace FastRmp.Benchmarks.Gating;

/// <summary>What BenchmarkDotNet's JSON reports say. Its process exits 0 even if a benchmark threw, so only these rows count.</summary>
internal sealed class Report
{
    private readonly Dictionary<string, Measurement> _rows = [];

    /// <summary>The processor as BenchmarkDotNet names it.</summary>
    internal string Processor { get; private set; } = string.Empty;

    /// <summary>The runtime.</summary>
    internal string Runtime { get; private set; } = string.Empty;

    /// <summary>Adds the rows of one JSON text; a row that is there already is replaced.</summary>
    /// <param name="json">The full report of a class.</param>
    /// <exception cref="JsonException">The text is no such report.</exception>
    internal void Add(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("HostEnvironmentInfo", out JsonElement host)
            || !root.TryGetProperty("Benchmarks", out JsonElement benchmarks))
        {
            throw new JsonException("No BenchmarkDotNet report: HostEnvironmentInfo or Benchmarks is missing.");
        }

        Processor = Text(host, "ProcessorName");
        Runtime = Text(host, "RuntimeVersion");
        foreach (JsonElement benchmark in benchmarks.EnumerateArray())
        {
            string name = Text(benchmark, "FullName");
            double? median = Number(benchmark, "Statistics", "Median");
            double? bytes = Number(benchmark, "Memory", "BytesAllocatedPerOperation");
            _rows[name] = new Measurement(name, median, (long?)bytes, Number(benchmark, "Statistics", "Min"));
        }
    }

    /// <summary>Takes over the rows of a later run, but none that did not run to the end.</summary>
    /// <param name="later">The later run.</param>
    internal void Replace(Report later)
    {
        foreach (Measurement row in later._rows.Values)
        {
            if (row.Median is not null) _rows[row.FullName] = row;
        }
    }

    /// <summary>The row of that name; without median and bytes if there is none.</summary>
    internal Measurement this[string fullName] =>
        _rows.TryGetValue(fullName, out Measurement row) ? row : new Measurement(fullName, null, null);

    /// <summary>The library's median by the C row's; null if either is missing.</summary>
    internal double? Ratio(Operation operation) => this[operation.Measured].Median / this[operation.Compared].Median;

    /// <summary>The ratio to judge by: of the medians or of the fastest iterations, whichever is lower. Another tenant's noise only ever
    /// adds time, so a row is too slow only if both say so.</summary>
    internal double? QuietRatio(Operation operation)
    {
        double? least = this[operation.Measured].Least / this[operation.Compared].Least;
        double? median = Ratio(operation);
        return least < median ? least : median;
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : string.Empty;

    private static double? Number(JsonElement element, string group, string property) =>
        element.TryGetProperty(group, out JsonElement inner) && inner.ValueKind == JsonValueKind.Object
        && inner.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;
}
