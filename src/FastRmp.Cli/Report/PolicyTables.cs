using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>One row a policy and one for the optimum, in three tables: what was done to the map, what that took of memory and flushes, and
/// what it costs if the constants are right.</summary>
internal static class PolicyTables
{
    private static readonly string[] Counted =
    [
        "guest pages", "host writes", "rmpupdate", "psmash", "violations", "handled", "fatal", "splits 2M", "splits 1G", "rejoins 2M",
        "rejoins 1G", "peak 4K", "end 4K", "end 2M", "end 1G",
    ];

    private static readonly string[] Flushed =
    [
        "flushes of everything", "flushes of pages", "table pages, peak", "table pages, mean", "table pages, end", "walks of host accesses",
        "walks beyond the first map's", "blocks for the allocator to move",
    ];

    private static readonly string[] Modelled = ["tables", "flushes", "faults", "scans", "TLB", "all", "times the optimum"];

    /// <summary>What was counted.</summary>
    internal static void WriteCounts(HtmlWriter html, StudyResult study, bool showsOptimum, IReadOnlySet<string> best)
    {
        Write(
            html, study, showsOptimum, best, "counts", "Counts: what each policy did to the direct map", Counted,
            static row => Cells(row.Counts, Figures.Count(row.Counts.Peak4K)), Cells(study.OptimumCounts, Figures.Unknown));
        Write(
            html, study, showsOptimum, best, "flushes", "Counts: what that took of processors and memory", Flushed,
            static row =>
            [
                Figures.Count(row.GlobalFlushes), Figures.Count(row.RangedFlushes), Figures.Count(row.PeakTables),
                row.MeanTables.ToString("N2", System.Globalization.CultureInfo.InvariantCulture), Figures.Count(row.EndTables),
                Figures.Count(row.Walks), Figures.Count(row.ExtraWalks),
                row.Counts.Counts.Fatal == 0 ? Figures.Count(row.AdvisedBlocks) : Figures.Unknown,
            ],
            [Figures.Count(study.Optimum.Splits2M), "0", .. Enumerable.Repeat(Figures.Unknown, Flushed.Length - 2)]);
    }

    /// <summary>What it costs.</summary>
    internal static void WriteCosts(HtmlWriter html, StudyResult study, bool showsOptimum, IReadOnlySet<string> best) => Write(
        html, study, showsOptimum, best, "costs", "Modelled cost in microseconds of processor time, summed over processors", Modelled,
        row =>
        [
            Figures.Microseconds(row.Cost.Tables), Figures.Microseconds(row.Cost.Flushes), Figures.Microseconds(row.Cost.Faults),
            Figures.Microseconds(row.Cost.Scans), Figures.Microseconds(row.Cost.Tlb), Figures.Microseconds(row.Cost.Total),
            Figures.Ratio(study.Ratio(row)),
        ],
        [
            .. Enumerable.Repeat(Figures.Unknown, Modelled.Length - 2), Figures.Microseconds(study.Optimum.Nanoseconds), Figures.Ratio(1),
        ]);

    private static string[] Cells(ReplayResult result, string peak)
    {
        ReplayCounts counts = result.Counts;
        return
        [
            Figures.Count(counts.GuestPages), Figures.Count(counts.HostWrites), Figures.Count(counts.RmpUpdates),
            Figures.Count(counts.PSmashes), Figures.Count(counts.Violations), Figures.Count(counts.Handled), Figures.Count(counts.Fatal),
            Figures.Count(counts.Splits2M), Figures.Count(counts.Splits1G), Figures.Count(counts.Rejoins2M),
            Figures.Count(counts.Rejoins1G), peak, Figures.Count(result.End.Leaves4K), Figures.Count(result.End.Leaves2M),
            Figures.Count(result.End.Leaves1G),
        ];
    }

    private static void Write(
        HtmlWriter html, StudyResult study, bool showsOptimum, IReadOnlySet<string> best, string id, string caption, string[] headings,
        Func<StudyRow, string[]> cells, string[] optimum)
    {
        html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-labelledby", $"table-{id}"))
            .Open("table").Element("caption", caption, ("id", $"table-{id}")).Open("thead").Open("tr")
            .Element("th", "policy", ("scope", "col"));
        foreach (string heading in headings)
        {
            html.Element("th", heading, ("scope", "col"));
        }

        html.Close().Close();
        foreach (IGrouping<string, StudyRow> family in Families.Of(study))
        {
            html.Open("tbody");
            foreach (StudyRow row in family)
            {
                string policy = row.Counts.Policy;
                WriteRow(html, policy, best.Contains(policy) ? "best" : "policy", headings, cells(row));
            }

            html.Close();
        }

        if (showsOptimum)
        {
            html.Open("tbody");
            WriteRow(html, Verdict.OptimumName, "optimum", headings, optimum);
            html.Close();
        }

        html.Close().Close();
    }

    private static void WriteRow(HtmlWriter html, string policy, string kind, string[] headings, string[] cells)
    {
        html.Open("tr", ("class", kind)).Element("th", policy, ("scope", "row"));
        for (int column = 0; column < cells.Length; column++)
        {
            string cell = cells[column];
            bool isNothing = cell is "0" or "0.0" or "0.00" or Figures.Unknown;
            if (isNothing) html.Element("td", cell, ("class", "none"));
            else if (headings[column] == "fatal") html.Element("td", cell, ("class", "bad"));
            else html.Element("td", cell);
        }

        html.Close();
    }
}
