using System;
using System.Collections.Generic;

namespace FastRmp.Generators.Tests.Support;

/// <summary>Raw quadwords to try: the corners, each single bit, and random ones from a fixed seed.</summary>
internal static class Patterns
{
    internal static IEnumerable<ulong[]> Words(int count)
    {
        yield return new ulong[count];
        ulong[] ones = new ulong[count];
        Array.Fill(ones, ulong.MaxValue);
        yield return ones;
        for (int bit = 0; bit < count * 64; bit++)
        {
            ulong[] single = new ulong[count];
            single[bit / 64] = 1UL << (bit % 64);
            yield return single;
        }

        Random random = new(20_240_117);
        for (int round = 0; round < 2000; round++)
        {
            ulong[] words = new ulong[count];
            for (int word = 0; word < count; word++)
            {
                words[word] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            }

            yield return words;
        }
    }
}
