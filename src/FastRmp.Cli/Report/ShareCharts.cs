using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>Which share of memory the direct map has in leaves of each size, over time; a drawing for each policy that is shown.</summary>
internal static class ShareCharts
{
    private const double Small = 1;
    private const double Large = 512;
    private const double Giant = 512 * 512;
    private const double Percent = 100;

    internal static void Write(HtmlWriter html, IReadOnlyList<ShownPolicy> shown)
    {
        html.Open("ul", ("class", "legend row"));
        foreach (string size in (string[])["4K", "2M", "1G"])
        {
            html.Open("li")
                .Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 12 12"), ("aria-hidden", "true"))
                .Empty("path", ("class", $"leaf{size}"), ("d", "M0 0H12V12H0Z"))
                .Close().Element("span", size).Close();
        }

        html.Close().Open("div", ("class", "charts small"));
        foreach (ShownPolicy one in shown)
        {
            Write(html, one);
        }

        html.Close();
    }

    private static void Write(HtmlWriter html, ShownPolicy shown)
    {
        PolicyHistory history = shown.History;
        int samples = history.Times.Count;
        double[] small = new double[samples];
        double[] both = new double[samples];
        for (int index = 0; index < samples; index++)
        {
            double in4K = history[StudySeries.Leaves4K][index] * Small;
            double in2M = history[StudySeries.Leaves2M][index] * Large;
            double all = Math.Max(1, in4K + in2M + (history[StudySeries.Leaves1G][index] * Giant));
            small[index] = Percent * in4K / all;
            both[index] = Percent * (in4K + in2M) / all;
        }

        TimePlot plot = new(history.Times, Axis.To(Percent) with { Step = 25 });
        html.Open("figure").Open("figcaption").Element("b", history.Policy)
            .Text(string.Create(CultureInfo.InvariantCulture, $": at the end {small[^1]:0.0} % 4K, {both[^1] - small[^1]:0.0} % 2M"))
            .Close();
        Drawing.Open(
            html, Drawing.Id("share", history.Policy), TimePlot.ViewBox, $"Leaves of the direct map over time, {history.Policy}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Share of memory in leaves of each size. In 4K: {small[0]:0.0} % at the start, {Highest(small):0.0} % at most, {small[^1]:0.0} % at the end. In 1G: {Percent - both[0]:0.0} % at the start, {Percent - both[^1]:0.0} % at the end."));
        html.Empty("path", ("class", "leaf1G"), ("d", plot.Area(Full(samples))))
            .Empty("path", ("class", "leaf2M"), ("d", plot.Area(both)))
            .Empty("path", ("class", "leaf4K"), ("d", plot.Area(small)));
        plot.Axes(html, static value => string.Create(CultureInfo.InvariantCulture, $"{value:0} %"));
        html.Close().Close();
    }

    private static double[] Full(int samples)
    {
        double[] full = new double[samples];
        Array.Fill(full, Percent);
        return full;
    }

    private static double Highest(double[] values)
    {
        double highest = 0;
        foreach (double value in values)
        {
            highest = Math.Max(highest, value);
        }

        return highest;
    }
}
