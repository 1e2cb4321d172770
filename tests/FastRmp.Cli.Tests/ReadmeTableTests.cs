using System;
using System.IO;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests;

/// <summary>What README.md and docs/tool.md show is what the tool prints.</summary>
public sealed class ReadmeTableTests
{
    [Fact]
    public void The_table_in_the_readme_is_what_replay_prints()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        string printed = string.Join('\n', Tool.Run("replay").Output.TrimEnd().Split('\n').Select(static line => line.TrimEnd()));
        Assert.Contains("```\n" + printed + "\n```", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_in_the_manual_prints_what_stands_below_it()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tool.md"));
        string[] blocks = manual[manual.IndexOf("```\nmodel genoa", StringComparison.Ordinal)..].Split("```\n");
        string script = Path.GetTempFileName();
        File.WriteAllText(script, blocks[1]);
        Assert.Equal(blocks[3], Tool.Run("run", script).Output);
        File.Delete(script);
    }

    [Fact]
    public void The_walk_in_the_manual_is_what_walk_prints()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tool.md"));
        const string Command = "`fastrmp walk core.elf ";
        string line = manual[(manual.IndexOf(Command, StringComparison.Ordinal) + Command.Length)..];
        string[] args = line[..line.IndexOf('`', StringComparison.Ordinal)].Split(' ');
        string printed = Tool.Run(["walk", Fixture.PathOf("amd-vi/core.elf"), .. args]).Output;
        Assert.Contains("```\n" + printed + "```", manual, StringComparison.Ordinal);
    }
}
