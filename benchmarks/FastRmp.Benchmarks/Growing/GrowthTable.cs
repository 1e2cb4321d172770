using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace FastRmp.Benchmarks.Growing;

/// <summary>The table of growth, as Markdown.</summary>
internal static class GrowthTable
{
    /// <summary>Formats rows.</summary>
    internal static string Markdown(IEnumerable<GrowthRow> rows)
    {
        StringBuilder text = new();
        text.AppendLine("| operation | sizes | times | exponent | of the last step | of a read in C; last step | aim |");
        text.AppendLine("|---|---|---|---:|---:|---:|---|");
        foreach (GrowthRow row in rows)
        {
            string limit = row.LimitExponent is double exponent ? $"{Text(exponent)}; {Text(row.LastLimitExponent!.Value)}" : "";
            string times = string.Join(", ", row.Nanoseconds.Select(Time));
            text.AppendLine(
                $"| {row.Title} | {string.Join(", ", row.Sizes)} | {times} | {Text(row.Exponent)} | {Text(row.LastExponent)} | {limit} | linear{(row.IsLinear ? "" : " missed")} |");
        }

        return text.ToString();
    }

    private static string Text(double exponent) => exponent.ToString("F2", CultureInfo.InvariantCulture);

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e4 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:F0} ns"),
        < 1e7 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:F0} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:F0} ms"),
    };
}
