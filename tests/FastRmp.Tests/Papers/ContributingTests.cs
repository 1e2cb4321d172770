using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>CONTRIBUTING.md speaks of the gate and the mutants that there are.</summary>
public sealed partial class ContributingTests
{
    private static readonly string Text = Repository.Text("CONTRIBUTING.md");

    [Fact]
    public void Each_step_of_the_gate_has_its_row_and_its_budget()
    {
        List<string> steps = [.. Step().Matches(Repository.Text(".ci/run")).Select(static match => match.Groups["name"].Value)];
        List<string> rows = [.. Row().Matches(Text).Select(static match => match.Groups["name"].Value)];
        Assert.InRange(steps.Count, 5, int.MaxValue);
        Assert.Equal(steps, rows);
        Assert.All(Row().Matches(Text), static row => Assert.InRange(Number(row, "usual"), 1, Number(row, "budget")));
    }

    [Fact]
    public void Lists_of_mutants_are_named()
    {
        foreach (string path in Repository.Files(".cs", "tests/FastRmp.Guarantee.Tests/Mutants")
            .Where(static path => Path.GetFileName(path).StartsWith("MutantList", StringComparison.Ordinal)))
        {
            Assert.Contains($"`{path}`", Text, StringComparison.Ordinal);
        }
    }

    private static int Number(Match row, string group) => int.Parse(row.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("step '(?<name>[^']+)'")]
    private static partial Regex Step();

    [GeneratedRegex(@"^\| (?<name>[^|]+) \| [^|]+ \| (?<usual>\d+) \| (?<budget>\d+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
