using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FastRmp.Benchmarks.Gating;

namespace FastRmp.Benchmarks.Releases;

/// <summary>history.jsonl: a line for each release and processor, in the order of the releases.</summary>
internal static class ReleaseHistory
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads it.</summary>
    /// <param name="text">The lines.</param>
    /// <exception cref="FormatException">A line is not a row; the message has its number.</exception>
    internal static List<ReleaseRow> Parse(string text)
    {
        List<ReleaseRow> rows = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            try
            {
                ReleaseRow row = JsonSerializer.Deserialize<ReleaseRow>(lines[i], Json) ?? throw new JsonException("null");
                if (row.Ratios.Values.Any(static ratio => ratio <= 0)) throw new JsonException("a ratio is not positive");
                rows.Add(row);
            }
            catch (JsonException wrong)
            {
                throw new FormatException($"history.jsonl, line {i + 1}: {wrong.Message}", wrong);
            }
        }

        return rows;
    }

    /// <summary>Writes it.</summary>
    internal static string Format(IEnumerable<ReleaseRow> rows) =>
        string.Concat(rows.Select(static row => JsonSerializer.Serialize(row, Json) + "\n"));

    /// <summary>Adds what is recorded of a machine as the row of a release; one of the same release and machine is replaced.</summary>
    /// <param name="rows">The rows so far.</param>
    /// <param name="version">The release.</param>
    /// <param name="recorded">The entry of baseline.json.</param>
    internal static List<ReleaseRow> With(IReadOnlyCollection<ReleaseRow> rows, string version, BaselineEntry recorded)
    {
        SortedDictionary<string, double> ratios = new(StringComparer.Ordinal);
        foreach ((string name, BaselineRow row) in recorded.Rows)
        {
            ratios[name] = row.Ratio;
        }

        ReleaseRow added = new()
        {
            Version = version,
            Date = recorded.Date,
            Cpu = recorded.Cpu,
            VectorBits = recorded.VectorBits,
            Processor = recorded.Processor,
            Ratios = ratios,
        };
        return [.. rows.Where(row => row.Version != version || row.Machine != added.Machine), added];
    }
}
