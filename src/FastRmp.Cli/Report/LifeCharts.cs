using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>How long regions stayed split, and how many pages guests had in them: a drawing for each policy that split any.</summary>
internal static class LifeCharts
{
    private const int Width = 420;
    private const int Height = 180;
    private const int Left = 12;
    private const int Right = 8;
    private const int Top = 22;
    private const int Bottom = 34;
    private const int Gap = 2;
    private const int LabelDrop = 14;
    private const int Baseline = 4;
    private const int LabelsThatFit = 10;
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;

    /// <summary>How long.</summary>
    internal static void WriteDurations(HtmlWriter html, IReadOnlyList<ShownPolicy> shown)
    {
        (int first, int end) = Range(shown, static (lives, place) => lives.Joined[place] + lives.StillSplit[place], Durations.Length);
        html.Open("ul", ("class", "legend row"));
        Key(html, "joined", "joined again");
        Key(html, "still", "still split at the end, up to now");
        html.Close().Open("div", ("class", "charts small"));
        foreach (ShownPolicy one in shown.Where(HasLives))
        {
            RegionLives lives = one.History.Lives;
            string summary = $"{Figures.Count(Sum(lives.Joined))} joined, {Figures.Count(Sum(lives.StillSplit))} still split";
            Write(
                html, one, "lives", "How long regions stay split", summary, "time from split, at least", first, end, Durations,
                lives.Joined, lives.StillSplit);
        }

        html.Close();
    }

    /// <summary>How many pages.</summary>
    internal static void WritePages(HtmlWriter html, IReadOnlyList<ShownPolicy> shown)
    {
        html.Open("div", ("class", "charts small"));
        foreach (ShownPolicy one in shown.Where(HasLives))
        {
            ReadOnlySpan<long> held = one.History.Lives.PagesHeld;
            Write(
                html, one, "held", "How many guest pages a split region holds",
                $"{Figures.Count(Sum(held), "split")}, {Figures.Count(held[0])} without guests", "guest pages, mean while split", 0,
                Pages.Length, Pages, held, default);
        }

        html.Close();
    }

    private static string[] Durations { get; } = DurationNames();

    private static string[] Pages { get; } = PageNames();

    private static bool HasLives(ShownPolicy one) => Sum(one.History.Lives.PagesHeld) != 0;

    private static void Write(
        HtmlWriter html, ShownPolicy shown, string id, string title, string summary, string axis, int first, int end, string[] names,
        ReadOnlySpan<long> lower, ReadOnlySpan<long> upper)
    {
        string policy = shown.History.Policy;
        long most = 1;
        StringBuilder description = new(title);
        for (int place = first; place < end; place++)
        {
            long all = lower[place] + (upper.IsEmpty ? 0 : upper[place]);
            most = Math.Max(most, all);
            if (all != 0) description.Append(CultureInfo.InvariantCulture, $"; {names[place]}: {Figures.Count(all)}");
        }

        html.Open("figure").Open("figcaption").Element("b", policy).Text($": {summary}").Close();
        Drawing.Open(
            html, Drawing.Id(id, policy), string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}"), $"{title}, {policy}",
            description.Append('.').ToString());
        double step = (double)(Width - Left - Right) / (end - first);
        int every = ((end - first - 1) / LabelsThatFit) + 1;
        StringBuilder lowerBars = new();
        StringBuilder upperBars = new();
        for (int place = first; place < end; place++)
        {
            double x = Left + ((place - first) * step);
            double middle = x + (step / 2);
            double y = Height - Bottom;
            double lowerHeight = (y - Top) * lower[place] / most;
            double upperHeight = upper.IsEmpty ? 0 : (y - Top) * upper[place] / most;
            Bar(lowerBars, x, y, step, lowerHeight);
            Bar(upperBars, x, y - lowerHeight, step, upperHeight);
            long all = lower[place] + (upper.IsEmpty ? 0 : upper[place]);
            if (all != 0) Label(html, Figures.Count(all), middle, y - lowerHeight - upperHeight - Baseline);
            if ((place - first) % every == 0) Label(html, names[place], middle, y + LabelDrop);
        }

        string floor = string.Create(CultureInfo.InvariantCulture, $"M{Left} {Height - Bottom}H{Width - Right}");
        html.Empty("path", ("class", "joined"), ("d", lowerBars.ToString()))
            .Empty("path", ("class", "still"), ("d", upperBars.ToString()))
            .Empty("path", ("class", "grid"), ("d", floor));
        html.Element(
            "text", axis, ("x", Figures.Place(Width - Right)), ("y", Figures.Place(Height - Baseline)), ("text-anchor", "end"));
        html.Close().Close();
    }

    private static void Bar(StringBuilder path, double x, double y, double step, double height)
    {
        if (height <= 0) return;
        path.Append(
            CultureInfo.InvariantCulture,
            $"M{Figures.Place(x + Gap)} {Figures.Place(y)}v{Figures.Place(-height)}h{Figures.Place(step - (2 * Gap))}V{Figures.Place(y)}Z");
    }

    private static void Label(HtmlWriter html, string text, double x, double y) => html.Element(
        "text", text, ("x", Figures.Place(x)), ("y", Figures.Place(y)), ("text-anchor", "middle"));

    private static void Key(HtmlWriter html, string kind, string text) => html.Open("li")
        .Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 12 12"), ("aria-hidden", "true"))
        .Empty("path", ("class", kind), ("d", "M0 0H12V12H0Z"))
        .Close().Element("span", text).Close();

    private static (int First, int End) Range(IReadOnlyList<ShownPolicy> shown, Func<RegionLives, int, long> count, int length)
    {
        int first = length;
        int end = 0;
        for (int place = 0; place < length; place++)
        {
            if (!shown.Any(one => count(one.History.Lives, place) != 0)) continue;
            first = Math.Min(first, place);
            end = place + 1;
        }

        return first < end ? (first, end) : (0, 1);
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }

        return sum;
    }

    private static string[] DurationNames()
    {
        ReadOnlySpan<long> limits = RegionLives.DurationLimits;
        string[] names = new string[limits.Length + 1];
        names[0] = $"<{Short(limits[0])}";
        for (int place = 0; place < limits.Length; place++)
        {
            names[place + 1] = Short(limits[place]);
        }

        return names;
    }

    private static string Short(long nanoseconds) => nanoseconds < Second
        ? string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / Millisecond}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / Second}s");

    private static string[] PageNames()
    {
        string[] names = new string[RegionLives.PageClasses];
        for (int place = 0; place < names.Length; place++)
        {
            int from = RegionLives.PagesFrom(place);
            bool isOne = place < 2 || place == names.Length - 1;
            names[place] = isOne
                ? from.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{from}-{RegionLives.PagesFrom(place + 1) - 1}");
        }

        return names;
    }
}
