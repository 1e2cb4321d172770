using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using FastRmp.Tests.Model;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>Wherever a page of docs/spec has to decide, a row of the open points names the section.</summary>
public sealed partial class DecisionTests
{
    [Theory]
    [InlineData("rmp", "", 30)]
    [InlineData("paging", "x86", 5)]
    [InlineData("amd-vi", "vi", 15)]
    [InlineData("direct-map", "dm", 1)]
    public void Every_decision_is_an_open_point(string page, string prefix, int least)
    {
        HashSet<string> sections =
        [
            .. OpenPointTable.Rows()
                .SelectMany(static row => Sections(row.Section))
                .Where(section => section.Page == prefix)
                .Select(static section => section.Number),
        ];
        List<string> problems = [];
        int decisions = 0;
        string current = string.Empty;
        foreach (string line in Repository.Text($"docs/spec/{page}.md").Split('\n'))
        {
            Match heading = Heading().Match(line);
            if (heading.Success) current = heading.Groups["number"].Value;
            if (current.Length == 0 || !line.Contains("DECISION", StringComparison.Ordinal)
                || line.Contains("DECISION** of", StringComparison.Ordinal))
            {
                continue;
            }

            decisions++;
            if (!sections.Any(section => Covers(section, current))) problems.Add($"{current}: {line}");
        }

        Assert.Empty(problems);
        Assert.InRange(decisions, least, int.MaxValue);
    }

    // A row names a section, one below it, or an item of its list.
    private static bool Covers(string section, string decided) =>
        section == decided || section.StartsWith(decided + ".", StringComparison.Ordinal)
            || decided.StartsWith(section + ".", StringComparison.Ordinal);

    private static IEnumerable<(string Page, string Number)> Sections(string cell)
    {
        string page = cell.Split(' ')[0] is "x86" or "vi" or "dm" ? cell.Split(' ')[0] : string.Empty;
        foreach (string part in cell[page.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            yield return (page, part.Split(' ')[0]);
        }
    }

    [GeneratedRegex(@"^#{2,3} (?<number>\d+(\.\d+)?)\.? ")]
    private static partial Regex Heading();
}
