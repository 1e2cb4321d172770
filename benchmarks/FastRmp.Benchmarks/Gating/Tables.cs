using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace FastRmp.Benchmarks.Gating;

/// <summary>The two tables: the gate's, and that of docs/speed.md.</summary>
internal static class Tables
{
    /// <summary>One line an operation: ratio, bound, bytes, result.</summary>
    internal static string Gate(IEnumerable<GateResult> results)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"operation",-38}{"ratio to C",12}{"bound",8}{"bytes",7}");
        foreach (GateResult result in results)
        {
            string ratio = result.Ratio?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
            string bound = result.Bound?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
            string bytes = result.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "-";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{result.Operation.Name,-38}{ratio,12}{bound,8}{bytes,7}  {(result.Failure is null ? "ok" : "FAILED: " + result.Failure)}");
        }

        return text.ToString();
    }

    /// <summary>The Markdown table in groups, with what it was measured on above it.</summary>
    internal static string Markdown(IEnumerable<Operation> operations, Report report, string compiler, string date)
    {
        StringBuilder text = new();
        text.AppendLine(
            CultureInfo.InvariantCulture, $"{report.Processor}, {report.Runtime}, C by {compiler} with `-O3 -march=native`, {date}.");
        text.AppendLine();
        text.AppendLine("| operation | FastRmp | C | FastRmp / C | allocated | for comparison |");
        text.AppendLine("|---|---:|---:|---:|---:|---|");
        string group = string.Empty;
        foreach (Operation operation in operations)
        {
            if (operation.Group != group)
            {
                group = operation.Group;
                text.AppendLine(CultureInfo.InvariantCulture, $"| **{group}** | | | | | |");
            }

            Measurement measured = report[operation.Measured];
            string ratio = report.Ratio(operation)?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
            string bytes = measured.Bytes is long count ? $"{count} B" : "-";
            string others = string.Join(
                ", ", operation.Others.Select(other => $"{Label(other)} {Time(report[operation.RowOf(other)].Median, operation)}"));
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {operation.Title} | {Time(measured.Median, operation)} | {Time(report[operation.Compared].Median, operation)} | {ratio} | {bytes} | {others} |");
        }

        return text.ToString();
    }

    /// <summary>The Markdown tables of the ratios that were recorded with more than one width of vectors, one table a processor.</summary>
    /// <returns>Empty if there are none.</returns>
    internal static string Widths(IEnumerable<Operation> operations, Baseline baseline)
    {
        StringBuilder text = new();
        foreach (IGrouping<string, BaselineEntry> entries in baseline.Entries.GroupBy(static entry => entry.Cpu))
        {
            BaselineEntry[] widths = [.. entries.OrderByDescending(static entry => entry.VectorBits)];
            Operation[] several =
            [
                .. operations.Where(operation => widths.Count(entry => entry.Rows.ContainsKey(operation.Name)) > 1),
            ];
            if (several.Length == 0) continue;
            if (text.Length != 0) text.AppendLine();
            string dates = string.Join(", ", widths.Select(static entry => $"{Width(entry)}: {entry.Date}"));
            text.AppendLine(CultureInfo.InvariantCulture, $"{widths[0].Processor} ({entries.Key}), FastRmp / C; {dates}.");
            text.AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"| operation | {string.Join(" | ", widths.Select(Width))} |");
            text.Append("|---").Insert(text.Length, "|---:", widths.Length).AppendLine("|");
            foreach (Operation operation in several)
            {
                string ratios = string.Join(" | ", widths.Select(entry => Ratio(entry, operation)));
                text.AppendLine(CultureInfo.InvariantCulture, $"| {operation.Title} | {ratios} |");
            }
        }

        return text.ToString();
    }

    private static string Width(BaselineEntry entry) =>
        entry.VectorBits == 0 ? "no vectors" : string.Create(CultureInfo.InvariantCulture, $"{entry.VectorBits} bits");

    private static string Ratio(BaselineEntry entry, Operation operation) =>
        entry.Rows.TryGetValue(operation.Name, out BaselineRow? row) ? row.Ratio.ToString("F2", CultureInfo.InvariantCulture) : "-";

    private static string Label(string method) => method switch
    {
        "Scalar" => "C# loop",
        "CArray" => "C, an array look-up without kinds of access and stamps",
        "Unchecked" => "C#, a store without translation",
        "CAhead" => "C that reads ahead for 16 of them",
        "CPlainLoop" => "C loop, vectorised by the compiler",
        "MemoryRead" => "C, plain read of the same memory",
        "Processor" => "`ImageProcessor.Translate`",
        "CPlain" => "C without atomics, one thread",
        "CopyBack" => "of each the copy that makes the page whole again",
        _ => method,
    };

    /// <summary>The time and, of what reads memory from end to end, the bytes in a second.</summary>
    private static string Time(double? nanoseconds, Operation operation) => nanoseconds is double time && operation.Bytes != 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Time(time)} ({operation.Bytes / time:F1} GB/s)")
        : Time(nanoseconds);

    private static string Time(double? nanoseconds) => nanoseconds switch
    {
        null => "-",
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:F1} ns"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(nanoseconds.Value):N0} ns"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1000:N1} µs"),
    };
}
