using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Cli.Report;

/// <summary>A sweep as one HTML page that fetches nothing and has no script: the same bytes for the same rows.</summary>
internal static class SweepPage
{
    private static readonly (string Id, string Title)[] Sections =
    [
        ("trade", "Table memory against flushes"), ("policies", "Policies over all replays"), ("replays", "Replays"), ("again", "Again"),
    ];

    /// <summary>Writes it.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="replays">The replays that have a row.</param>
    internal static string Write(SweepSubject subject, IReadOnlyList<SweptReplay> replays)
    {
        SweepVerdict verdict = new(replays);
        HtmlWriter html = new();
        const string Title = "The direct map under SEV-SNP: a sweep";
        PageHead.Write(html, Title, script: null);
        html.Open("body").Open("header").Element("h1", Title);
        int traces = replays.Select(static one => one.Trace).Distinct().Count();
        string missing = replays.Count < subject.Tasks ? $" of {Figures.Count(subject.Tasks)}; the others have no row yet" : string.Empty;
        html.Element("p", $"{Figures.Count(replays.Count, "replay")}{missing}; {Figures.Count(traces, "trace")}", ("class", "facts"));
        html.Open("nav", ("aria-label", "Sections")).Open("ul");
        foreach ((string id, string name) in Sections)
        {
            html.Open("li").Element("a", name, ("href", $"#{id}")).Close();
        }

        html.Close().Close().Close().Open("main");
        html.Open("section", ("class", "verdict"), ("aria-labelledby", "verdict")).Element("h2", "Verdict", ("id", "verdict"))
            .Element("p", verdict.Lead, ("class", "lead")).Open("ul");
        foreach (string point in verdict.Points)
        {
            html.Element("li", point);
        }

        html.Close().Close();
        Heading(html, "trade");
        html.Element(
            "p",
            "A dot is a policy without fatal writes; the nearer to the corner of both axes, the better; colours in one place are rings. No other policy is better in both than those that have a letter. Traces whose guests own more of the memory come later.");
        TradeOffCharts.Write(html, replays);
        Heading(html, "policies");
        html.Element(
            "p",
            "Cost is modelled. A policy is beaten where another one has neither more table memory nor more flushes, and less of one.");
        SweepTables.WritePolicies(html, verdict);
        Heading(html, "replays");
        SweepTables.WriteReplays(html, replays);
        Heading(html, "again");
        Again(html, subject);
        html.Close().Open("footer").Text($"fastrmp {subject.Version}").Close().Close().Close();
        return html.ToString();
    }

    private static void Again(HtmlWriter html, SweepSubject subject)
    {
        html.Element("p", "This command makes the same page, byte for byte:").Open("pre").Element("code", subject.Command).Close();
        html.Open("dl").Element("dt", "fastrmp").Element("dd", subject.Version);
        foreach ((string name, string hash) in subject.Files)
        {
            html.Element("dt", "input").Open("dd").Text(ReportPage.Clipped(name)).Text(", SHA-256 ").Element("code", hash).Close();
        }

        html.Close();
    }

    private static void Heading(HtmlWriter html, string id) =>
        html.Element("h2", Sections.First(one => one.Id == id).Title, ("id", id));
}
