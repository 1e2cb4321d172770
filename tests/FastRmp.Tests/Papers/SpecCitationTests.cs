using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using FastRmp.Tests.Model;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>Every section of docs/spec that code, tests, vectors and papers cite is there.</summary>
public sealed partial class SpecCitationTests
{
    private static readonly Dictionary<string, SpecPage> Pages = new()
    {
        ["rmp"] = new SpecPage("rmp"),
        ["paging"] = new SpecPage("paging"),
        ["amd-vi"] = new SpecPage("amd-vi"),
        ["direct map"] = new SpecPage("direct-map"),
    };

    [Fact]
    public void Sections_cited_in_comments_exist()
    {
        List<string> missing = [];
        int count = 0;
        foreach (string path in Repository.Files(".cs").Concat(Repository.Files(".txt", "tests/FastRmp.Tests/Vectors")))
        {
            foreach (string line in Repository.Text(path).Split('\n'))
            {
                int comment = line.IndexOf(path.EndsWith(".cs", StringComparison.Ordinal) ? "//" : "#", StringComparison.Ordinal);
                if (comment >= 0) count += Check(path, line[comment..], missing);
            }
        }

        Assert.Empty(missing);
        Assert.InRange(count, 300, int.MaxValue);
    }

    [Fact]
    public void Sections_cited_from_page_to_page_exist()
    {
        List<string> missing = [];
        int count = 0;
        foreach (string path in Repository.Files(".md", "docs"))
        {
            foreach (Match match in PageCitation().Matches(Repository.Text(path)))
            {
                count++;
                string page = match.Groups["page"].Value.Replace('-', ' ');
                page = page == "amd vi" ? "amd-vi" : page;
                if (!Pages[page].Has(match.Groups["number"].Value)) missing.Add($"{path}: {match.Value}");
            }
        }

        Assert.Empty(missing);
        Assert.InRange(count, 10, int.MaxValue);
    }

    [Fact]
    public void Sections_that_a_page_cites_of_itself_exist()
    {
        List<string> missing = [];
        int count = 0;
        foreach ((string name, SpecPage page) in Pages)
        {
            foreach (Match match in OwnCitation().Matches(Repository.Text($"docs/spec/{name.Replace(' ', '-')}.md")))
            {
                count++;
                if (!page.Has(match.Groups["number"].Value)) missing.Add($"{name}: {match.Value}");
            }
        }

        Assert.Empty(missing);
        Assert.InRange(count, 50, int.MaxValue);
    }

    [Fact]
    public void Sections_of_the_open_points_exist()
    {
        List<string> missing = [];
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            (string page, string rest) = row.Section.Split(' ', 2) switch
            {
                ["x86", string numbers] => ("paging", numbers),
                ["vi", string numbers] => ("amd-vi", numbers),
                ["dm", string numbers] => ("direct map", numbers),
                _ => ("rmp", row.Section),
            };
            if (Check(row.Name, $"{page} {rest}", missing) == 0) missing.Add($"{row.Name}: no section in '{row.Section}'");
        }

        Assert.Empty(missing);
    }

    // One citation may name several sections: "rmp 5.1, 6.3", "AMD-Vi 3.1 to 3.3", "rmp 4.3 step 5a".
    private static int Check(string where, string text, List<string> missing)
    {
        int count = 0;
        foreach (Match match in Citation().Matches(text))
        {
            SpecPage page = Pages[match.Groups["page"].Value.ToLowerInvariant()];
            foreach (Capture number in match.Groups["number"].Captures)
            {
                count++;
                if (!page.Has(number.Value)) missing.Add($"{where}: {match.Groups["page"].Value} {number.Value}");
            }

            Group step = match.Groups["step"];
            if (step.Success && !page.HasStep(match.Groups["number"].Value, step.Value)) missing.Add($"{where}: {match.Value}");
        }

        return count;
    }

    [GeneratedRegex(
        @"\b(?<page>rmp|paging|AMD-Vi|amd-vi|direct map) (?<number>\d{1,2}(\.\d{1,2}){0,2})(?![0-9a-zA-Z_.]*[a-zA-Z_])((, | and | to )(?<number>\d{1,2}(\.\d{1,2})?)(?![0-9a-zA-Z_]))*( step (?<step>\d+[a-z]?))?")]
    private static partial Regex Citation();

    [GeneratedRegex(@"(?<page>rmp|paging|amd-vi|direct-map)\.md[`)]* (?<number>\d{1,2}(\.\d{1,2})?)\b")]
    private static partial Regex PageCitation();

    [GeneratedRegex(
        @"\b[Ss]ection (?<number>\d{1,2}(\.\d{1,2})?)\b|\bof (?<number>\d{1,2}\.\d{1,2})(?=[\s,;:)])|\((see )?(?<number>\d{1,2}\.\d{1,2})[);, ]")]
    private static partial Regex OwnCitation();
}
