using System;
using System.IO;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests;

public sealed class ReadmeTableTests
{
    [Fact]
    public void The_table_in_the_readme_is_what_replay_prints()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        string printed = string.Join('\n', Tool.Run("replay").Output.TrimEnd().Split('\n').Select(static line => line.TrimEnd()));
        Assert.Contains("```\n" + printed + "\n```", readme, StringComparison.Ordinal);
    }
}
