using System.Collections.Generic;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>Odd and wrong lines between good ones: the tool and the reference's interpreter agree on each, line by line.</summary>
public class ScriptVariantTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Odd_lines_come_out_alike(int seed)
    {
        for (int round = 0; round < 50; round++)
        {
            int number = (seed * 1000) + round;
            List<string> lines = [.. new LineMutator(number).Of(new RandomScript(number).Lines(1000))];
            ScriptReferenceTests.Compare(lines);
        }
    }
}
