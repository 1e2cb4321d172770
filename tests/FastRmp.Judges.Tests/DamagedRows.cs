using System;
using Xunit;

namespace FastRmp.Judges.Tests;

/// <summary>Rows with a few bytes changed.</summary>
internal static class DamagedRows
{
    private const int Rounds = 300;
    private const string Bytes = "0123456789abcdef-,:>~@ \t\ngG";

    internal static void Survives(string judge, string text, int seed)
    {
        Random random = new(seed);
        int[] codes = new int[4];
        for (int round = 0; round < Rounds; round++)
        {
            char[] damaged = text.ToCharArray();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = Bytes[random.Next(Bytes.Length)];
            }

            (int code, string output) = Files.Judge(judge, new string(damaged));
            Assert.True(code is 0 or 1 or 3, $"round {round}: {code}\n{output}");
            codes[code]++;
        }

        Assert.True(codes[1] > 10 && codes[3] > 10, string.Join(' ', codes));
    }
}
