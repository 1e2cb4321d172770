using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace FastRmp.Benchmarks.Scaling;

/// <summary>The table by threads, as Markdown.</summary>
internal static class ScaleTable
{
    private const double LeastShare = 0.95; // of what so many single threads would do
    private const double LeastOfC = 1.2; // with a retry, in the same regions
    private const double LeastOfFar = 0.95; // where no cache line is shared without need

    /// <summary>Formats rows.</summary>
    /// <param name="rows">In the order of the table: of each kind the row of one thread first.</param>
    /// <param name="processors">The machine.</param>
    internal static string Markdown(IReadOnlyList<ScaleRow> rows, Processors processors)
    {
        StringBuilder text = new();
        text.AppendLine(
            "| RMPUPDATE 4K, assign + release, in | threads | FastRmp | to one | C | to one | FastRmp / C | to far apart | fairness | of C | aim |");
        text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
        foreach (ScaleRow row in rows)
        {
            ScaleRow one = rows.First(other => other.Kind == row.Kind && other.Threads == 1);
            ScaleRow far = rows.First(other => other.Threads == row.Threads);
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {row.Kind.Title} | {row.Threads} | {Rate(row.Measured)} | {Ratio(row.Measured, one.Measured)} | {Rate(row.Compared)} | {Ratio(row.Compared, one.Compared)} | {Ratio(row.Measured, row.Compared)} | {(row.Kind.IsApart ? Ratio(row.Measured, far.Measured) : "")} | {row.Measured.Fairness:F2} | {row.Compared.Fairness:F2} | {Aim(row, one, far, processors)} |");
        }

        return text.ToString();
    }

    /// <summary>What a row is meant to reach, and whether it does; empty where nothing is demanded.</summary>
    internal static string Aim(ScaleRow row, ScaleRow one, ScaleRow far, Processors processors)
    {
        if (row.Threads == 1 || row.Kind.Reads != ScaleReads.None) return string.Empty;
        List<string> aims = [];
        if (row.Kind.IsApart && row.Threads <= processors.AtOnce)
        {
            double least = LeastShare * row.Threads;
            aims.Add(Text("to one", least, row.Measured.PerSecond / one.Measured.PerSecond));
        }

        if (row.Kind.IsApart && row != far) aims.Add(Text("to far", LeastOfFar, row.Measured.PerSecond / far.Measured.PerSecond));
        if (row.Kind.Place == ScalePlace.Same) aims.Add(Text("to C", LeastOfC, row.Measured.PerSecond / row.Compared.PerSecond));
        return string.Join("; ", aims);
    }

    private static string Text(string what, double least, double reached) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} {least:F2}{(reached >= least ? "" : " missed")}");

    private static string Rate(ScaleFigures figures) =>
        string.Create(CultureInfo.InvariantCulture, $"{figures.PerSecond / 1e6:F1} M/s");

    private static string Ratio(ScaleFigures some, ScaleFigures others) =>
        (some.PerSecond / others.PerSecond).ToString("F2", CultureInfo.InvariantCulture);
}
