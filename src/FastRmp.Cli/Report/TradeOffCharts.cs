using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>Table memory against flushes, a drawing for each trace: the denser its guests, the later. A line goes through what no other
/// policy is better than in both.</summary>
internal static class TradeOffCharts
{
    private const int ChartsAtMost = 24;
    private const int Width = 420;
    private const int Height = 260;
    private const int Left = 58;
    private const int Right = 12;
    private const int Top = 14;
    private const int Bottom = 42;
    private const int LabelGap = 5;
    private const int LabelDrop = 14;
    private const int Baseline = 4;
    private const int Alphabet = 26;
    private const double Radius = 4;
    private const double Ring = 2.5;

    /// <summary>Draws them.</summary>
    internal static void Write(HtmlWriter html, IReadOnlyList<SweptReplay> replays)
    {
        // Costs change neither tables nor flushes, but for policies that decide by cost: each place is drawn once.
        List<SweptReplay[]> settings =
        [
            .. replays.GroupBy(static one => (one.Trace, one.GuestPattern, one.Sizes, one.Convert, one.Seed))
                .Select(static one => one.ToArray())
                .OrderBy(static one => one[0].Density),
        ];
        string[] families = [.. MapPolicies.Families.Select(static one => one.Name)];
        html.Open("div", ("class", "charts"));
        for (int index = 0; index < Math.Min(settings.Count, ChartsAtMost); index++)
        {
            SweptReplay first = settings[index][0];
            List<SweptPolicy> places = [.. settings[index].SelectMany(static one => one.Policies)
                .Where(static one => one.Fatal == 0).DistinctBy(static one => (one.Policy, one.Tables, one.Flushes))];
            if (places.Count != 0) Write(html, index, first, places, families);
        }

        html.Close();
        Legend(html, families, replays);
        if (settings.Count > ChartsAtMost)
        {
            html.Element("p", $"{Figures.Count(settings.Count - ChartsAtMost)} more are not drawn.", ("class", "note"));
        }
    }

    /// <summary>The places that no other is better than in both, by table memory.</summary>
    internal static List<SweptPolicy> Front(IEnumerable<SweptPolicy> places)
    {
        List<SweptPolicy> front = [];
        foreach (SweptPolicy one in places.OrderBy(static one => one.Tables).ThenBy(static one => one.Flushes))
        {
            bool isSame = front.Count != 0 && one.Tables == front[^1].Tables && one.Flushes == front[^1].Flushes;
            if (isSame || front.Count == 0 || one.Flushes < front[^1].Flushes) front.Add(one);
        }

        return front;
    }

    private static void Write(HtmlWriter html, int index, SweptReplay setting, List<SweptPolicy> places, string[] families)
    {
        DecadeAxis across = DecadeAxis.To(places.Max(static one => one.Tables));
        DecadeAxis up = DecadeAxis.To(places.Max(static one => one.Flushes));
        List<SweptPolicy> front = Front(places);
        html.Open("figure").Open("figcaption").Element("b", Title(setting))
            .Text($": guests own up to {Percent(setting.Density)} of {Figures.Count((long)(setting.RamBytes >> 20))} MiB").Close();
        string best = string.Join(
            "; ", front.Select(Told));
        Drawing.Open(
            html, string.Create(CultureInfo.InvariantCulture, $"trade-{index}"),
            string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}"), $"Table memory against flushes: {Title(setting)}",
            $"Each policy without fatal writes by its mean of table pages and its flushes. Better in both than none of these: {best}.");
        Axes(html, across, up);
        StringBuilder line = new();
        foreach (SweptPolicy one in front)
        {
            line.Append(
                CultureInfo.InvariantCulture,
                $"{(line.Length == 0 ? 'M' : 'L')}{Figures.Place(X(across, one.Tables))} {Figures.Place(Y(up, one.Flushes))}");
        }

        html.Empty("path", ("class", "front"), ("d", line.ToString()));
        foreach (IGrouping<(double X, double Y), SweptPolicy> place in places.GroupBy(
            one => (X(across, one.Tables), Y(up, one.Flushes))))
        {
            // Families in one place are rings around each other.
            IGrouping<string, SweptPolicy>[] kinds = [.. place.GroupBy(static one => Family(one.Policy))];
            for (int ring = kinds.Length; ring > 0; ring--)
            {
                int colour = Math.Max(0, Array.IndexOf(families, kinds[ring - 1].Key));
                html.Open(
                        "circle", ("class", string.Create(CultureInfo.InvariantCulture, $"dot d{colour}")),
                        ("cx", Figures.Place(place.Key.X)), ("cy", Figures.Place(place.Key.Y)),
                        ("r", Figures.Place(Radius + ((ring - 1) * Ring))))
                    .Element("title", string.Join("; ", kinds[ring - 1].Select(Told))).Close();
            }
        }

        List<IGrouping<(double, long), SweptPolicy>> letters = [.. front.GroupBy(static one => (one.Tables, one.Flushes))];
        for (int letter = 0; letter < letters.Count; letter++)
        {
            Label(
                html, Letter(letter), X(across, letters[letter].Key.Item1) + (Radius * 2),
                Y(up, letters[letter].Key.Item2) - Radius - Baseline, "start");
        }

        html.Close();
        html.Open("ol", ("class", "front-names"));
        for (int letter = 0; letter < letters.Count; letter++)
        {
            html.Element(
                "li",
                $"{Letter(letter)}: {string.Join(", ", letters[letter].Select(static one => one.Policy))}: {Pages(letters[letter].Key.Item1)} table pages, {Figures.Count(letters[letter].Key.Item2, "flush", "flushes")}");
        }

        html.Close().Close();
    }

    private static string Told(SweptPolicy one) =>
        $"{one.Policy}: {Pages(one.Tables)} table pages, {Figures.Count(one.Flushes, "flush", "flushes")}";

    // A to Z, then AA
    private static string Letter(int index) =>
        index < Alphabet ? ((char)('A' + index)).ToString() : Letter((index / Alphabet) - 1) + Letter(index % Alphabet);

    private static void Axes(HtmlWriter html, DecadeAxis across, DecadeAxis up)
    {
        StringBuilder grid = new();
        for (int index = 0; index < up.Count; index++)
        {
            double y = Y(up, DecadeAxis.Mark(index));
            grid.Append(CultureInfo.InvariantCulture, $"M{Left} {Figures.Place(y)}H{Width - Right}");
            Label(html, Figures.Count((long)DecadeAxis.Mark(index)), Left - LabelGap, y + Baseline, "end");
        }

        for (int index = 0; index < across.Count; index++)
        {
            double x = X(across, DecadeAxis.Mark(index));
            grid.Append(CultureInfo.InvariantCulture, $"M{Figures.Place(x)} {Top}V{Height - Bottom}");
            string anchor = index == across.Count - 1 ? "end" : "middle"; // within the picture
            Label(html, Figures.Count((long)DecadeAxis.Mark(index)), x, Height - Bottom + LabelDrop, anchor);
        }

        html.Empty("path", ("class", "grid"), ("d", grid.ToString()));
        Label(html, "table pages, mean", Width - Right, Height - Baseline, "end");
        Label(html, "flushes", Left, Top - Baseline, "start");
    }

    private static void Legend(HtmlWriter html, string[] families, IReadOnlyList<SweptReplay> replays)
    {
        HashSet<string> shown = [.. replays.SelectMany(static one => one.Policies)
            .Where(static one => one.Fatal == 0).Select(static one => Family(one.Policy))];
        html.Open("ul", ("class", "legend row"));
        for (int colour = 0; colour < families.Length; colour++)
        {
            if (!shown.Contains(families[colour])) continue;
            html.Open("li")
                .Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 10 10"), ("aria-hidden", "true"))
                .Empty(
                    "circle", ("class", string.Create(CultureInfo.InvariantCulture, $"dot d{colour}")), ("cx", "5"), ("cy", "5"),
                    ("r", Figures.Place(Radius)))
                .Close()
                .Element("span", families[colour]).Close();
        }

        html.Close();
    }

    /// <summary>What tells a trace with its options from others.</summary>
    private static string Title(SweptReplay replay) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ReportPage.Clipped(replay.Trace)}, {replay.Sizes}, {ReportPage.Clipped(replay.GuestPattern)}, {Changes(replay)}seed {replay.Seed}");

    private static string Changes(SweptReplay replay) => replay.Convert is { } convert ? $"{ReportPage.Clipped(convert)}, " : string.Empty;

    internal static string Percent(double part) =>
        part.ToString("P1", CultureInfo.InvariantCulture).Replace(" ", string.Empty, StringComparison.Ordinal);

    private static string Pages(double pages) => pages.ToString("N2", CultureInfo.InvariantCulture);

    private static string Family(string policy) => MapPolicies.Find(policy)?.Policy.Name ?? policy;

    private static double X(DecadeAxis axis, double value) => Left + (axis.Part(value) * (Width - Left - Right));

    private static double Y(DecadeAxis axis, double value) => Height - Bottom - (axis.Part(value) * (Height - Bottom - Top));

    private static void Label(HtmlWriter html, string text, double x, double y, string anchor) =>
        html.Element("text", text, ("x", Figures.Place(x)), ("y", Figures.Place(y)), ("text-anchor", anchor));
}
