using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using FastRmp.Generators.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace FastRmp.Generators.Tests;

/// <summary>Broken sources, as an editor hands them over at every key stroke: neither generator nor analyzer may throw.</summary>
public sealed partial class MutationTests
{
    private const int Rounds = 30;

    private static readonly string[] Spare =
        [
            "(", ")", "{", "}", "[", "]", ";", ",", "static", "struct", "class", "partial", "0", "64", "-1", "\"x\"", "int", "<T>", "Bits",
            "ref", "this", "get;", "null", "..", "record", "file",
        ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_mutilated_declaration_ends_in_diagnostics(int sample)
    {
        string[] samples = [Samples.Word64, Samples.Word128, Samples.Word256, Samples.Faulty];
        string[] tokens = [.. Token().Matches(samples[sample]).Select(static match => match.Value)];
        Random random = new(100 + sample);
        for (int round = 0; round < Rounds; round++)
        {
            List<string> mutated = [.. tokens];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Mutate(mutated, random);
            }

            Check(string.Concat(mutated));
        }
    }

    private static void Mutate(List<string> tokens, Random random)
    {
        int place = random.Next(tokens.Count);
        switch (random.Next(4))
        {
            case 0:
                tokens.RemoveAt(place);
                break;
            case 1:
                tokens.Insert(place, tokens[random.Next(tokens.Count)]);
                break;
            case 2:
                tokens[place] = " " + Spare[random.Next(Spare.Length)] + " ";
                break;
            default:
                int other = random.Next(tokens.Count);
                (tokens[place], tokens[other]) = (tokens[other], tokens[place]);
                break;
        }
    }

    private static void Check(string source)
    {
        CSharpCompilation compilation = Harness.Compile(source);
        GeneratorDriver driver = Harness.Driver()
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        Exception? thrown = Assert.Single(driver.GetRunResult().Results).Exception;
        Assert.True(thrown is null, $"{thrown}\n{source}");
        Assert.DoesNotContain(Harness.Analyze(output), static diagnostic => !diagnostic.Id.StartsWith("FRMP", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\w+|\s+|[^\w\s]")]
    private static partial Regex Token();
}
