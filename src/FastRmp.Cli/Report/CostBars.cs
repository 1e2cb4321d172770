using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>The modelled cost of each family's cheapest policy, as a multiple of the optimum's, on a logarithmic axis.</summary>
internal static class CostBars
{
    private const int Width = 640;
    private const int Left = 170;
    private const int Right = 90;
    private const int Row = 26;
    private const int Bar = 16;
    private const int Bottom = 24;
    private const int Baseline = 12;
    private const int Gap = 6;
    private const double Least = 3; // pixels of a bar of the optimum's length

    internal static void Write(HtmlWriter html, StudyResult study)
    {
        List<(string Policy, double Ratio)> bars = [];
        foreach (IGrouping<string, StudyRow> family in Families.Of(study))
        {
            StudyRow? best = family.Where(row => study.Ratio(row) is not null).OrderBy(static row => row.Cost.Total).FirstOrDefault();
            if (best is not null) bars.Add((best.Counts.Policy, study.Ratio(best)!.Value));
        }

        if (bars.Count < 2) return;
        bars.Sort(static (left, right) => left.Ratio.CompareTo(right.Ratio));
        double decades = Math.Max(1, Math.Ceiling(Math.Log10(bars[^1].Ratio)));
        int height = (bars.Count * Row) + Bottom;
        html.Open("figure", ("class", "wide")).Open("figcaption").Element("b", "The cheapest policy of each family")
            .Text(": modelled cost as a multiple of the optimum's (logarithmic)").Close();
        Drawing.Open(
            html, "bars", string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {height}"), "Modelled cost of policies",
            $"Multiples of the least possible cost: {string.Join("; ", bars.Select(static bar => $"{bar.Policy} {Figures.Ratio(bar.Ratio)}"))}.");
        StringBuilder grid = new();
        for (int decade = 0; decade <= decades; decade++)
        {
            double x = X(decade, decades);
            grid.Append(CultureInfo.InvariantCulture, $"M{Figures.Place(x)} 0V{height - Bottom + Gap}");
            Label(html, $"x {Figures.Count((long)Math.Pow(10, decade))}", x, height - Gap, "middle");
        }

        html.Empty("path", ("class", "grid"), ("d", grid.ToString()));
        for (int index = 0; index < bars.Count; index++)
        {
            (string policy, double ratio) = bars[index];
            int y = index * Row;
            double end = Math.Max(X(Math.Log10(Math.Max(1, ratio)), decades), Left + Least);
            Label(html, policy, Left - Gap, y + Baseline + Gap, "end");
            html.Empty(
                "path", ("class", index == 0 ? "bar best" : "bar"),
                ("d", string.Create(CultureInfo.InvariantCulture, $"M{Left} {y + Gap}H{Figures.Place(end)}v{Bar}H{Left}Z")));
            Label(html, Figures.Ratio(ratio), end + Gap, y + Baseline + Gap, "start");
        }

        html.Close().Close();
    }

    private static double X(double decade, double decades) => Left + ((Width - Left - Right) * decade / decades);

    private static void Label(HtmlWriter html, string text, double x, double y, string anchor) => html.Element(
        "text", text, ("x", Figures.Place(x)), ("y", Figures.Place(y)), ("text-anchor", anchor));
}
