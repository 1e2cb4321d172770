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
    public void The_tables_of_the_study_are_what_replay_prints()
    {
        string study = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "study.md"));
        string printed = string.Join('\n', Tool.Run("replay").Output.TrimEnd().Split('\n').Select(static line => line.TrimEnd()));
        Assert.Contains("```\n" + printed + "\n```", study, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lines_in_the_readme_are_some_of_those_in_their_order()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        string block = readme[(readme.IndexOf("```\nthe sample trace: ", StringComparison.Ordinal) + 4)..];
        string[] lines = block[..block.IndexOf("```", StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] printed = [.. Tool.Run("replay").OutputLines.Select(static line => line.TrimEnd())];
        int place = -1;
        foreach (string line in lines)
        {
            int next = Array.IndexOf(printed, line, place + 1);
            Assert.True(next > place, line);
            place = next;
        }

        Assert.InRange(lines.Length, 20, 40);
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
