using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using FastRmp.Generators.Diagnostics;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_example_compiles_and_prints_what_its_comments_say()
    {
        string[] blocks = [.. Block().Matches(Text).Select(static match => match.Groups[1].Value)];
        Assert.Equal(2, blocks.Length);
        string harness = "using System.Collections.Generic;\n"
            + "internal static class Run { private static readonly List<string> Lines = new();\n"
            + "private static class Console { public static void WriteLine(object line) => Lines.Add(line.ToString()!); }\n"
            + "public static List<string> Main() {\n" + blocks[1] + "\nreturn Lines; } }\n";
        Assembly assembly = Harness.Load(
            Harness.Compile(
                blocks[0].Replace("[BitLayout", "/// <summary>A layout.</summary>\n[BitLayout", StringComparison.Ordinal), harness));
        object? printed = assembly.GetType("Run", throwOnError: true)!.GetMethod("Main")!.Invoke(null, null);
        string[] expected = [.. Comment().Matches(blocks[1]).Select(static match => match.Groups[1].Value)];
        Assert.Equal(2, expected.Length);
        Assert.Equal(expected, (List<string>)printed!);
    }

    [Fact]
    public void The_table_lists_every_diagnostic() => Assert.Equal(
        new LayoutAnalyzer().SupportedDiagnostics.Select(static descriptor => descriptor.Id),
        Row().Matches(Text).Select(static match => match.Groups[1].Value));

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"// (.*)$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\| (FRMP\d{3})", RegexOptions.Multiline)]
    private static partial Regex Row();
}
