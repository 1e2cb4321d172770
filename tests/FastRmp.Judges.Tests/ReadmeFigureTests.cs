using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Judges.Tests;

/// <summary>The README's figures are what the judges print.</summary>
public sealed partial class ReadmeFigureTests
{
    [Fact]
    public void Nested_rows() => IsInTheReadme(JudgeRun.Of("nested", Fixture.PathOf("nested/rows-small.tsv.gz")).Output);

    [Fact]
    public void Access_rows() => IsInTheReadme(JudgeRun.Of("access", Fixture.PathOf("access/rows.tsv.gz")).Output);

    [Fact]
    public void Script_lines()
    {
        Match line = LastLine().Match(JudgeRun.Of("scripts", Path.GetDirectoryName(Fixture.PathOf("rmp-scripts/rmpupdate.txt"))!).Output);
        Assert.Contains($"| {line.Groups["equal"].Value} | all |", Readme(), StringComparison.Ordinal);
    }

    private static void IsInTheReadme(string output)
    {
        Match line = LastLine().Match(output);
        Assert.Contains($"{Grouped(line, "equal")} of {Grouped(line, "all")}", Readme(), StringComparison.Ordinal);
        int leftOut = int.Parse(line.Groups["out"].ValueSpan, CultureInfo.InvariantCulture);
        if (leftOut != 0) Assert.Contains($"left out: {leftOut} ", Readme(), StringComparison.Ordinal);
    }

    private static string Readme() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    private static string Grouped(Match line, string group) =>
        int.Parse(line.Groups[group].ValueSpan, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<equal>\d+) of (?<all>\d+) equal, (?<out>\d+) left out\n$")]
    private static partial Regex LastLine();
}
