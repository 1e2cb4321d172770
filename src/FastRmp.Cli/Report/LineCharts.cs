using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>A series over time, with a line for each policy that is shown.</summary>
internal static class LineCharts
{
    private static readonly (StudySeries Series, string Id, string Title, string What)[] All =
    [
        (StudySeries.Leaves4K, "leaves", "Leaves of 4K", "how many the direct map has"),
        (StudySeries.Splits, "splits", "Splits", "leaves of 2M and 1G split so far"),
        (StudySeries.Rejoins, "rejoins", "Rejoins", "leaves of 2M and 1G made again so far"),
        (StudySeries.Violations, "violations", "Violations", "host writes that met an RMP fault so far"),
        (StudySeries.Tables, "tables", "Table memory", "pages of page tables beyond those at the start"),
        (StudySeries.ExtraWalks, "walks", "TLB misses", "page walks of host accesses so far, beyond those through the map of the start"),
    ];

    internal static void Write(HtmlWriter html, IReadOnlyList<ShownPolicy> shown)
    {
        html.Open("div", ("class", "charts"));
        foreach ((StudySeries series, string id, string title, string what) in All)
        {
            Write(html, shown, series, id, title, what);
        }

        html.Close();
    }

    private static void Write(HtmlWriter html, IReadOnlyList<ShownPolicy> shown, StudySeries series, string id, string title, string what)
    {
        long low = shown.Min(one => one.History[series].Min());
        long high = shown.Max(one => one.History[series].Max());
        IReadOnlyList<long> times = shown[0].History.Times;
        TimePlot plot = new(times, Axis.OfCounts(low, high));
        html.Open("figure").Open("figcaption").Element("b", title).Text($": {what}").Close();
        string ends = string.Join(
            "; ", shown.Select(one => $"{one.History.Policy} {Figures.Count(one.History[series][^1])}"));
        Drawing.Open(
            html, $"chart-{id}", TimePlot.ViewBox, $"{title} over time",
            $"{what}, over {Figures.Duration(times[^1])}. At the end: {ends}.");
        plot.Axes(html, static value => Figures.Count((long)Math.Round(value)));
        foreach (ShownPolicy one in shown)
        {
            double[] values = Array.ConvertAll(one.History[series], static value => (double)value);
            html.Empty("path", ("class", Class("line", one)), ("d", plot.Steps(values)));
        }

        html.Close();
        Legend(html, shown, one => Figures.Count(one.History[series][^1]));
        html.Close();
    }

    private static void Legend(HtmlWriter html, IReadOnlyList<ShownPolicy> shown, Func<ShownPolicy, string> end)
    {
        html.Open("ul", ("class", "legend"));
        foreach (ShownPolicy one in shown)
        {
            html.Open("li")
                .Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 26 8"), ("aria-hidden", "true"))
                .Empty("path", ("class", Class("line", one)), ("d", "M1 4H25"))
                .Close()
                .Element("span", one.History.Policy).Element("b", end(one)).Close();
        }

        html.Close();
    }

    private static string Class(string what, ShownPolicy one) => string.Create(CultureInfo.InvariantCulture, $"{what} c{one.Colour}");
}
