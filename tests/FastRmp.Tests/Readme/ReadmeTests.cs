using System;
using System.IO;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Readme;

public sealed class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    [Theory]
    [InlineData("EmbeddingExample.cs", 0)]
    [InlineData("TranslationExample.cs", 1)]
    [InlineData("BatchExample.cs", 2)]
    public void The_examples_in_the_document_on_embedding_are_the_tests_that_run(string file, int number)
    {
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Readme", file));
        string body = Between(source, "// <embedding>\n", "        // </embedding>");
        string expected = string.Join('\n', body.TrimEnd().Split('\n').Select(static line => line.Length > 8 ? line[8..] : line.Trim()));
        string document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "embedding.md"));
        string example = document.Split("```csharp\n")[number + 1].Split("\n```")[0];
        Assert.Equal(expected, example[(example.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
    }

    [Fact]
    public void The_readme_has_no_placeholder_left()
    {
        Assert.DoesNotContain("-TABLE", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("-EXAMPLE", Text, StringComparison.Ordinal);
    }

    private static string Between(string text, string begin, string end)
    {
        int start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        Assert.True(start >= begin.Length, $"'{begin}' is missing.");
        return text[start..text.IndexOf(end, start, StringComparison.Ordinal)];
    }
}
