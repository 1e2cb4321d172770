using System;
using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>
/// Whatever a script holds, the tool ends by itself, speaks properly, and prints one line for each line that is not a comment.
/// </summary>
public class ScriptMutationTests
{
    [Theory]
    [InlineData("rmpupdate", 1)]
    [InlineData("guest", 2)]
    [InlineData("geometry", 3)]
    [InlineData("bad-lines", 4)]
    public void Damaged_scripts_have_one_result_a_line(string name, int seed)
    {
        byte[] whole = File.ReadAllBytes(Fixture.PathOf($"rmp-scripts/{name}.txt"));
        Mutator mutator = new(seed);
        for (int round = 0; round < 200; round++)
        {
            Check(mutator.Mutate(whole, whole.Length));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_bytes_have_one_result_a_line(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 100; round++)
        {
            byte[] bytes = new byte[1 + random.Next(5000)];
            random.NextBytes(bytes);
            if (bytes is [0x1F, 0x8B, ..]) bytes[0] = 0; // that would be gzip
            Check(bytes);
        }
    }

    [Fact]
    public void Damaged_gzip_ends_in_results_or_a_message()
    {
        byte[] packed = Fixture.Gzipped(File.ReadAllBytes(Fixture.PathOf("rmp-scripts/guest.txt")));
        Mutator mutator = new(7);
        for (int round = 0; round < 200; round++)
        {
            ToolResult result = Tool.RunWith(mutator.Mutate(packed, packed.Length), "run", "-").SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }

    private static void Check(byte[] script)
    {
        ToolResult result = Tool.RunWith(script, "run", "-").SpeaksProperly();
        if (script.Length == 0 || script is [0x1F, 0x8B, ..]) return;
        Assert.True(result.Code is 0 or 3, $"{result.Code}");
        Assert.Equal(Operations(script), result.Output.Split('\n').Length - 1);
        Assert.Equal(result.Code == 3, result.Output.Contains("error: line ", StringComparison.Ordinal));
    }

    private static int Operations(ReadOnlySpan<byte> script)
    {
        int count = 0;
        foreach (Range range in script.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = script[range];
            if (line is [.., (byte)'\r']) line = line[..^1];
            int comment = line.IndexOf((byte)'#');
            if (comment >= 0) line = line[..comment];
            if (line.IndexOfAnyExcept((byte)' ', (byte)'\t') >= 0) count++;
        }

        return count;
    }
}
