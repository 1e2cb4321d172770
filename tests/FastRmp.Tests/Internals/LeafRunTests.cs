using System;
using FastRmp.Internals;
using Xunit;

namespace FastRmp.Tests.Internals;

public class LeafRunTests
{
    private const ulong Ignored = 0x60;
    private const ulong First = 0x8000_0000_4000_0103UL;
    private const ulong Step = 0x1000;

    private delegate void Filler(Span<ulong> words, ulong first, ulong step);

    private delegate bool Comparer(ReadOnlySpan<ulong> words, ulong ignored, ulong first, ulong step);

    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(512)]
    public void Every_length_is_filled_and_nothing_after_it(int bits)
    {
        Filler fill = bits == 512 ? LeafRun.Fill512 : bits == 256 ? LeafRun.Fill256 : LeafRun.FillScalar;
        for (int length = 0; length <= 67; length++)
        {
            ulong[] words = new ulong[length + 8];
            Array.Fill(words, 0xDEAD_BEEFUL);
            fill(words.AsSpan(0, length), First, Step);
            for (int i = 0; i < words.Length; i++)
            {
                Assert.Equal(i < length ? First + ((ulong)i * Step) : 0xDEAD_BEEFUL, words[i]);
            }
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(512)]
    public void A_run_of_any_length_is_known_and_one_wrong_bit_anywhere_is_found(int bits)
    {
        Comparer compare = bits == 512 ? LeafRun.Is512 : bits == 256 ? LeafRun.Is256 : LeafRun.IsScalar;
        for (int length = 0; length <= 67; length++)
        {
            ulong[] words = Run(length);
            Assert.True(compare(words, Ignored, First, Step));
            for (int i = 0; i < length; i++)
            {
                int bit = (i * 7) % 64;
                ulong flip = 1UL << bit;
                words[i] ^= flip;
                Assert.Equal((flip & Ignored) != 0, compare(words, Ignored, First, Step));
                words[i] ^= flip;
            }
        }
    }

    [Fact]
    public void What_is_filled_is_a_run()
    {
        ulong[] words = new ulong[512];
        LeafRun.Fill(words, First, Step);
        Assert.Equal(Run(512), words);
        Assert.True(LeafRun.Is(words, Ignored, First, Step));
        Assert.False(LeafRun.Is(words, Ignored, First + Step, Step));
    }

    private static ulong[] Run(int length)
    {
        ulong[] words = new ulong[length];
        for (int i = 0; i < length; i++)
        {
            words[i] = First + ((ulong)i * Step);
        }

        return words;
    }
}
