using System;
using System.IO;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Readme;

public sealed class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    [Fact]
    public void The_example_in_the_document_on_embedding_is_the_test_that_runs()
    {
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Readme", "EmbeddingExample.cs"));
        string body = Between(source, "// <embedding>\n", "        // </embedding>");
        string expected = string.Join('\n', body.TrimEnd().Split('\n').Select(static line => line.Length > 8 ? line[8..] : line.Trim()));
        string example = Between(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "embedding.md")), "```csharp\n", "\n```");
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
