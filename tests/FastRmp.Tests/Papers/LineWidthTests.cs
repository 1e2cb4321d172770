using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>Lines have at most 140 columns, as CONTRIBUTING.md says.</summary>
public sealed partial class LineWidthTests
{
    private const int Columns = 140;

    /// <summary>What the generator writes into a project as it stands, and what it emits for the layouts of its tests.</summary>
    private static readonly string[] Emitted =
    [
        "generators/FastRmp.Generators/Emitting/InjectedAttributes.cs", "generators/FastRmp.Generators/Emitting/InjectedWriter.cs",
        .. Repository.Files(".cs", "tests/FastRmp.Generators.Tests/Snapshots"),
    ];

    [Theory]
    [InlineData("generators", ".cs")]
    [InlineData("benchmarks", ".cs")]
    [InlineData("benchmarks/native", ".c")]
    [InlineData("benchmarks/native", ".h")]
    [InlineData("src", ".cs")]
    [InlineData("src/FastRmp.Native", ".c")]
    [InlineData("src/FastRmp.Native", ".h")]
    [InlineData("src/FastRmp.Qemu", ".c")]
    [InlineData("tests", ".cs")]
    public void No_line_is_wider_than_the_string_in_it_makes_it(string folder, string extension)
    {
        string[] paths = [.. Repository.Files(extension, folder)];
        Assert.NotEmpty(paths);
        Assert.Empty(paths.Except(Emitted).SelectMany(Wide));
    }

    private static IEnumerable<string> Wide(string path)
    {
        bool isText = false; // inside a raw string
        int number = 0;
        foreach (string line in Repository.Text(path).Split('\n'))
        {
            number++;
            bool isBroken = isText || line.Length <= Columns || StringAlone().IsMatch(line);
            if (RawString().Count(line) % 2 != 0) isText = !isText;
            if (!isBroken) yield return $"{path}({number}): {line.Length} columns";
        }
    }

    /// <summary>A line that cannot be broken: one string of any kind, and at most what it is given to.</summary>
    [GeneratedRegex("""^\s*(?:return |[?:+] |\w+(?::| =) )?[$@]*".*"[ ,;)\]]*$""")]
    private static partial Regex StringAlone();

    [GeneratedRegex("\"{3}")]
    private static partial Regex RawString();
}
