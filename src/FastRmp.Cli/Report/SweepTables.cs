using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>A sweep in two tables: a row a policy, and a row a replay.</summary>
internal static class SweepTables
{
    private const int RowsAtMost = 1000;

    private static readonly string[] Standings =
    [
        "replays", "with fatal writes", "cheapest", "beaten", "times the optimum: least", "median", "worst",
    ];

    /// <summary>A row a policy.</summary>
    internal static void WritePolicies(HtmlWriter html, SweepVerdict verdict)
    {
        Open(html, "standings", "Policies: in how many replays, and modelled cost", ["policy", .. Standings]);
        HashSet<string> best = [.. verdict.Best.Select(static one => one.Policy)];
        foreach (SweptStanding one in verdict.Policies)
        {
            html.Open("tr", ("class", best.Contains(one.Policy) ? "best" : "policy")).Element("th", one.Policy, ("scope", "row"));
            Cells(
                html, Figures.Count(one.Replays), Figures.Count(one.Fatal), Figures.Count(one.Cheapest), Figures.Count(one.Beaten),
                Multiple(one.Least), Multiple(one.Median), Multiple(one.Worst));
            html.Close();
        }

        html.Close().Close().Close();
    }

    /// <summary>A row a replay.</summary>
    internal static void WriteReplays(HtmlWriter html, IReadOnlyList<SweptReplay> replays)
    {
        string[] costs = [.. StudyCosts.Keys.Select(static one => one.Key)
            .Where(key => replays.Select(one => one.Nanoseconds.GetValueOrDefault(key)).Distinct().Count() > 1)];
        Open(
            html, "replays", "Replays: what they were, and what was cheapest",
            [
                "replay", "trace", "guest tasks", "entries", "conversions", "seed", "guests",
                "guests own at most", "processors", "TLBs", .. costs, "cheapest",
                "times the optimum",
            ]);
        foreach (SweptReplay replay in replays.Take(RowsAtMost))
        {
            html.Open("tr").Element("th", Figures.Count(replay.Task), ("scope", "row"));
            List<SweptPolicy> safe = [.. replay.Policies.Where(static one => one.Fatal == 0).OrderBy(static one => one.Cost)];
            Cells(
                html,
                [
                    ReportPage.Clipped(replay.Trace), ReportPage.Clipped(replay.GuestPattern), replay.Sizes,
                    ReportPage.Clipped(replay.Convert ?? Figures.Unknown), replay.Seed.ToString(CultureInfo.InvariantCulture),
                    Figures.Count(replay.Guests),
                    TradeOffCharts.Percent(replay.Density), Figures.Count(replay.Processors), replay.Tlb,
                    .. costs.Select(key => replay.Nanoseconds.GetValueOrDefault(key).ToString("0.###", CultureInfo.InvariantCulture)),
                    safe.Count == 0 ? Figures.Unknown : safe[0].Policy,
                    safe.Count == 0 ? Figures.Unknown : Figures.Ratio(safe[0].OfOptimum),
                ]);
            html.Close();
        }

        html.Close().Close().Close();
        if (replays.Count > RowsAtMost)
        {
            html.Element("p", $"{Figures.Count(replays.Count - RowsAtMost)} more are not shown.", ("class", "note"));
        }
    }

    private static void Open(HtmlWriter html, string id, string caption, string[] headings)
    {
        html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-labelledby", $"table-{id}"))
            .Open("table").Element("caption", caption, ("id", $"table-{id}")).Open("thead").Open("tr");
        foreach (string heading in headings)
        {
            html.Element("th", heading, ("scope", "col"));
        }

        html.Close().Close().Open("tbody");
    }

    private static void Cells(HtmlWriter html, params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
        {
            if (cell is "0" or Figures.Unknown) html.Element("td", cell, ("class", "none"));
            else html.Element("td", cell);
        }
    }

    private static string Multiple(double ratio) =>
        double.IsNaN(ratio) ? Figures.Unknown : double.IsInfinity(ratio) ? "∞" : Figures.Ratio(ratio);
}
