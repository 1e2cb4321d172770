using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>The tool and the reference's own interpreter, which share no line of code, print the same.</summary>
public class ScriptReferenceTests
{
    [Theory]
    [MemberData(nameof(VectorScriptTests.Names), MemberType = typeof(VectorScriptTests))]
    public void The_vectors_come_out_alike(string name) => Compare(File.ReadAllLines(Fixture.PathOf($"rmp-scripts/{name}.txt")));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Random_scripts_come_out_alike(int seed)
    {
        for (int round = 0; round < 10; round++)
        {
            Compare(new RandomScript((seed * 1000) + round).Lines(1500));
        }
    }

    [Fact]
    public void Whole_regions_of_firmwares_pages_come_out_alike()
    {
        List<string> lines = ["rmp contiguous 100000 10fffff", "enable", "fw snp_init"];
        for (ulong page = 0; page < 512; page++)
        {
            lines.Add($"rmpupdate {0x4000_0000 + (page << 12):x} 4k 1 5 {0x20_0000 + (page << 12):x} 1");
            lines.Add($"rmpupdate {0x4020_0000 + (page << 12):x} 4k 1 0 0 1");
        }

        lines.AddRange(
            ["fw page_unsmash 40000000", "entry 40000000", "entry 40001000", "state 401ff000", "fw page_reclaim 40000000 2m",
                "rmpupdate 40000000 2m 0 0 0 0", "entry 40001000", "count 5"]);
        lines.AddRange(
            ["fw page_set_state 40200000 512", "entry 40200000", "state 403ff000", "rmpupdate 40201000 4k 1 5 0 0",
                "rmpupdate 40200000 2m 1 5 0 0"]);
        Assert.Equal(
            ["ok", "8028000000200007 000000000000001f", "0000000000201001 000000000000001f", "Pre-Guest", "ok", "0 SUCCESS",
                "0000000000000000 0000000000000000", "0", "ok", "0000000000000004 0000000000000000", "HV_Fixed", "2 FAIL_PERMISSION",
                "2 FAIL_PERMISSION"],
            Compare(lines)[^13..]);
    }

    internal static string[] Compare(IReadOnlyList<string> lines)
    {
        ReferenceScript reference = new();
        List<(string Line, string Result)> expected = [];
        foreach (string line in lines)
        {
            if (reference.Execute(line) is { } result) expected.Add((line, result));
        }

        ToolResult tool = Tool.RunWith(Tool.Utf8(string.Join('\n', lines)), "run", "-").SpeaksProperly();
        string[] actual = tool.OutputLines;
        for (int i = 0; i < Math.Min(actual.Length, expected.Count); i++)
        {
            Assert.True(
                Agree(expected[i].Line, expected[i].Result, actual[i]),
                $"{i + 1}: {expected[i].Line}\n  reference: {expected[i].Result}\n  tool:      {actual[i]}");
        }

        Assert.Equal(expected.Count, actual.Length);
        Assert.Equal(reference.HasBadLine ? 3 : 0, tool.Code);
        return actual;
    }

    // The words of a message are each program's own.
    private static bool Agree(string line, string expected, string actual)
    {
        if (expected.StartsWith("error: line ", StringComparison.Ordinal))
        {
            string place = expected[..(expected.IndexOf(':', "error: line ".Length) + 1)];
            return actual.StartsWith(place, StringComparison.Ordinal);
        }

        bool isRefusal = expected.StartsWith("error: ", StringComparison.Ordinal)
            && line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[0].Equals("rmp", StringComparison.OrdinalIgnoreCase);
        return isRefusal
            ? actual.StartsWith("error: ", StringComparison.Ordinal) && !actual.StartsWith("error: line ", StringComparison.Ordinal)
            : actual == expected;
    }
}
