using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>The study of a trace as one HTML page that fetches nothing: the same bytes for the same input.</summary>
internal static class ReportPage
{
    private const int NamesAtMost = 32;
    private const int TextAtMost = 2000;

    private static readonly (string Id, string Title)[] Sections =
    [
        ("policies", "Policies"), ("cost", "Cost"), ("time", "Over time"), ("map", "Memory"), ("lives", "Split regions"),
        ("again", "Again"),
    ];

    /// <summary>Writes it.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="study">The result, with histories.</param>
    /// <param name="showsOptimum">Whether the optimum is a row.</param>
    internal static string Write(ReportSubject subject, StudyResult study, bool showsOptimum)
    {
        Verdict verdict = new(study);
        IReadOnlyList<ShownPolicy> shown = ShownPolicy.Choose(study);
        HtmlWriter html = new();
        string title = $"The direct map under SEV-SNP: {Clipped(subject.Name)}";
        PageHead.Write(html, title, Script);
        html.Open("body").Open("header").Element("h1", title);
        Facts(html, subject, study);
        html.Open("nav", ("aria-label", "Sections")).Open("ul");
        foreach ((string id, string name) in Sections)
        {
            html.Open("li").Element("a", name, ("href", $"#{id}")).Close();
        }

        html.Close().Close().Close().Open("main");
        WriteVerdict(html, verdict, study);
        Heading(html, "policies");
        html.Element("p", "All replayed on the same events; the rows that cost least are marked. What each policy does stands at the end.");
        PolicyTables.WriteCounts(html, study, showsOptimum, verdict.Best);
        Heading(html, "cost");
        html.Element("p", "A model: the counts above times constants that are options. Nothing in this table was measured.");
        PolicyTables.WriteCosts(html, study, showsOptimum, verdict.Best);
        Constants(html, study.Costs);
        Heading(html, "time");
        html.Element("p", Selection(study, shown));
        LineCharts.Write(html, shown);
        html.Element("h3", "Share of the direct map in leaves of each size");
        ShareCharts.Write(html, shown);
        Heading(html, "map");
        MemoryPictures.Write(html, shown, (verdict.Best.FirstOrDefault() is { } best ? FirstOf(shown, best) : shown[^1]).History.Policy);
        Heading(html, "lives");
        Lives(html, shown);
        Heading(html, "again");
        Again(html, subject, study);
        html.Close()
            .Open("footer").Text($"fastrmp {subject.Version}").Close()
            .Open("script").Verbatim(Script).Close()
            .Close().Close();
        return html.ToString();
    }

    private static string Script { get; } = PageHead.Resource("report/report.js");

    private static void Facts(HtmlWriter html, ReportSubject subject, StudyResult study)
    {
        long nanoseconds = study.Histories![0].Times[^1];
        html.Element(
            "p",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Clipped(subject.Summary)}; {Figures.Count(subject.Guests, "guest")}; {Figures.Count((long)(subject.RamBytes >> 20))} MiB of RAM; {Figures.Duration(nanoseconds)}"),
            ("class", "facts"));
        foreach (string note in subject.Notes)
        {
            html.Element("p", Clipped(note), ("class", "facts"));
        }
    }

    private static void WriteVerdict(HtmlWriter html, Verdict verdict, StudyResult study)
    {
        html.Open("section", ("class", "verdict"), ("aria-labelledby", "verdict")).Element("h2", "Verdict", ("id", "verdict"))
            .Element("p", verdict.Lead, ("class", "lead"));
        html.Open("ul");
        foreach (string point in verdict.Points)
        {
            html.Element("li", point);
        }

        html.Close();
        CostBars.Write(html, study);
        html.Close();
    }

    private static void Constants(HtmlWriter html, StudyCosts costs)
    {
        html.Element(
            "p",
            $"For {Figures.Count(costs.Cpus, "processor")} with TLBs of {costs.Tlb.Name}. In nanoseconds (sources: docs/study.md of FastRmp):",
            ("class", "note"));
        html.Open("dl");
        foreach ((string key, string meaning) in StudyCosts.Keys)
        {
            html.Element("dt", string.Create(CultureInfo.InvariantCulture, $"{key} {costs.Value(key)}")).Element("dd", meaning);
        }

        html.Close();
    }

    private static string Selection(StudyResult study, IReadOnlyList<ShownPolicy> shown)
    {
        int named = shown.Sum(static one => one.Same.Count + 1);
        string same = string.Join("; ", shown.Where(static one => one.Same.Count != 0).Select(static one => one.Name));
        string text = named == study.Rows.Count
            ? "Lines hold until the next change."
            : $"The drawings show {Figures.Count(shown.Count)} of {Figures.Count(study.Rows.Count, "policy", "policies")}: the first of each family, the cheapest, and then the families' cheapest others. Lines hold until the next change.";
        return same.Length == 0 ? text : $"{text} The same at every moment: {same}.";
    }

    private static void Lives(HtmlWriter html, IReadOnlyList<ShownPolicy> shown)
    {
        int step = shown[0].History.Memory.FollowedStep;
        if (step != 1) html.Element("p", $"One region in {Figures.Count(step)} was followed.", ("class", "note"));
        if (shown.All(static one => one.History.Lives.PagesHeld.IndexOfAnyExcept(0) < 0))
        {
            html.Element("p", "No policy split a region.");
            return;
        }

        html.Element("h3", "How long regions stay split");
        LifeCharts.WriteDurations(html, shown);
        html.Element("h3", "How many guest pages a split region holds");
        html.Element("p", "Each split counts once, with the mean over the time that it lasted; 512 is a region of a guest alone.");
        LifeCharts.WritePages(html, shown);
    }

    private static void Again(HtmlWriter html, ReportSubject subject, StudyResult study)
    {
        html.Element("p", "This command makes the same page, byte for byte:").Open("pre").Element("code", subject.Command).Close();
        html.Open("dl").Element("dt", "fastrmp").Element("dd", subject.Version);
        foreach ((string name, string hash) in subject.Files)
        {
            html.Element("dt", "input").Open("dd").Text(name).Text(", SHA-256 ").Element("code", hash).Close();
        }

        foreach ((string name, string value) in subject.Options)
        {
            html.Element("dt", name).Element("dd", value);
        }

        if (subject.GuestNames.Count != 0)
        {
            int others = subject.GuestNames.Count - NamesAtMost;
            string more = others > 0 ? $" and {Figures.Count(others)} more" : string.Empty;
            html.Element("dt", "guests").Element("dd", Clipped(string.Join(", ", subject.GuestNames.Take(NamesAtMost)) + more));
        }

        html.Close().Element("h3", "What the policies do").Open("dl");
        HashSet<string> families = [.. Families.Of(study).Select(static family => family.Key)];
        foreach (MapPolicy policy in MapPolicies.Families.Where(one => families.Contains(one.Name)))
        {
            html.Element("dt", policy.Name).Element("dd", policy.Summary);
        }

        foreach (JoinRule rule in MapPolicies.Joins.Where(static one => one.Summary.Length != 0))
        {
            html.Element("dt", rule.Suffix).Element("dd", rule.Summary);
        }

        html.Element("dt", Verdict.OptimumName).Element("dd", "the least possible cost, with the future known; no policy").Close();
    }

    private static ShownPolicy FirstOf(IReadOnlyList<ShownPolicy> shown, string policy) =>
        shown.FirstOrDefault(one => one.History.Policy == policy || one.Same.Contains(policy)) ?? shown[^1];

    private static void Heading(HtmlWriter html, string id) =>
        html.Element("h2", Array.Find(Sections, one => one.Id == id).Title, ("id", id));

    /// <summary>A text that may be of any length, at a length that a page can hold.</summary>
    internal static string Clipped(string text) => text.Length <= TextAtMost ? text : $"{text.AsSpan(0, TextAtMost)} ...";
}
