using System;
using System.Runtime.InteropServices;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Every rung of the scans on every machine, against a loop over bit 0 of the low quadwords.</summary>
public sealed class AssignedScanTests
{
    private const int LongestSpan = 67;

    public static TheoryData<int> Widths() => [0, 128, 256, 512];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Random_entries_are_scanned_like_by_a_loop(int width)
    {
        Random random = new(11);
        foreach (double density in new[] { 0.0, 0.02, 0.5, 0.98, 1.0 })
        {
            for (int length = 0; length <= LongestSpan; length++)
            {
                for (int start = 0; start < 5; start++)
                {
                    ulong[] words = new ulong[2 * (LongestSpan + 5)];
                    Fill(words, random, density);
                    Compare(width, words.AsSpan(2 * start, 2 * length));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_single_assigned_entry_is_found_wherever_it_is(int width)
    {
        for (int length = 1; length <= LongestSpan; length++)
        {
            for (int hit = 0; hit < length; hit++)
            {
                ulong[] words = new ulong[2 * length];
                words[2 * hit] = 1;
                Assert.True(Any(width, words));
                Assert.Equal(hit, IndexOfFirst(width, words));
                Assert.Equal(1, Count(width, words));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Nothing_but_bit_zero_of_the_low_quadword_counts(int width)
    {
        ulong[] words = new ulong[2 * LongestSpan];
        for (int i = 0; i < words.Length; i += 2)
        {
            words[i] = ~1UL;
            words[i + 1] = ulong.MaxValue;
        }

        for (int length = 0; length <= LongestSpan; length++)
        {
            Assert.False(Any(width, words.AsSpan(0, 2 * length)));
            Assert.Equal(-1, IndexOfFirst(width, words.AsSpan(0, 2 * length)));
            Assert.Equal(0, Count(width, words.AsSpan(0, 2 * length)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void All_ones_are_all_assigned(int width)
    {
        ulong[] words = new ulong[2 * LongestSpan];
        Array.Fill(words, ulong.MaxValue);
        for (int length = 1; length <= LongestSpan; length++)
        {
            Assert.True(Any(width, words.AsSpan(0, 2 * length)));
            Assert.Equal(0, IndexOfFirst(width, words.AsSpan(0, 2 * length)));
            Assert.Equal(length, Count(width, words.AsSpan(0, 2 * length)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_region_is_scanned_right(int width)
    {
        Random random = new(12);
        ulong[] words = new ulong[2 * 512];
        for (int round = 0; round < 50; round++)
        {
            Fill(words, random, round / 50.0);
            Compare(width, words);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Spans_of_every_alignment_are_scanned_right(int width)
    {
        // Byte offsets of 8: the quadwords are aligned, the entries are not.
        Random random = new(13);
        ulong[] words = new ulong[(2 * LongestSpan) + 8];
        Fill(words, random, 0.3);
        for (int offset = 0; offset < 8; offset++)
        {
            for (int length = 0; length <= LongestSpan; length++)
            {
                Compare(width, words.AsSpan(offset, 2 * length));
            }
        }
    }

    [Fact]
    public void The_public_scans_answer_like_a_loop()
    {
        Random random = new(14);
        for (int length = 0; length <= 600; length += length < LongestSpan ? 1 : 31)
        {
            ulong[] words = new ulong[2 * length];
            Fill(words, random, 0.05);
            ReadOnlySpan<RmpEntry> entries = MemoryMarshal.Cast<ulong, RmpEntry>(words);
            Assert.Equal(PlainFirst(words) >= 0, AssignedScan.Any(entries));
            Assert.Equal(PlainFirst(words), AssignedScan.IndexOfFirst(entries));
            Assert.Equal(PlainCount(words), AssignedScan.Count(entries));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Long_spans_are_read_in_streams_to_the_last_entry(int width)
    {
        const int Chunk = AssignedScan.ChunkWords;
        ulong[] words = new ulong[(3 * Chunk) + (2 * 77)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (i & 1) == 0 ? ulong.MaxValue - 1 : ulong.MaxValue; // all but Assigned
        }

        ReadOnlySpan<RmpEntry> entries = MemoryMarshal.Cast<ulong, RmpEntry>(words);
        Assert.False(AssignedScan.Any(entries));
        Assert.Equal(-1, AssignedScan.IndexOfFirst(entries));
        Assert.Equal(0, AssignedScan.Count(entries));
        Assert.False(AnyInStreams(width, words.AsSpan(0, Chunk)));
        Random random = new(15);
        for (int round = 0; round < 48; round++)
        {
            // at the ends of chunks and of streams, and anywhere
            int at = round < 16 ? (round * Chunk / 8) - (round == 0 ? 0 : 2 * (round & 1)) : 2 * random.Next(words.Length / 2);
            words[at] |= 1;
            Assert.True(AssignedScan.Any(entries));
            Assert.Equal(at / 2, AssignedScan.IndexOfFirst(entries));
            Assert.Equal(1, AssignedScan.Count(entries));
            int chunk = at - (at % Chunk);
            if (chunk + Chunk <= words.Length)
            {
                Assert.True(AnyInStreams(width, words.AsSpan(chunk, Chunk)));
                Assert.Equal(1, CountInStreams(width, words.AsSpan(chunk, Chunk)));
            }

            words[at] &= ~1UL;
        }

        Fill(words, random, 0.4);
        Assert.Equal(PlainCount(words), AssignedScan.Count(entries));
        Assert.Equal(PlainCount(words.AsSpan(0, Chunk)), CountInStreams(width, words.AsSpan(0, Chunk)));
    }

    private static bool AnyInStreams(int width, ReadOnlySpan<ulong> words) => width switch
    {
        512 => AssignedScan.AnyInStreams512(words),
        256 => AssignedScan.AnyInStreams256(words),
        128 => AssignedScan.AnyInStreams128(words),
        _ => AssignedScan.AnyScalar(words),
    };

    private static int CountInStreams(int width, ReadOnlySpan<ulong> words) => width switch
    {
        512 => AssignedScan.CountInStreams512(words),
        256 => AssignedScan.CountInStreams256(words),
        128 => AssignedScan.CountInStreams128(words),
        _ => AssignedScan.CountScalar(words),
    };

    private static void Compare(int width, ReadOnlySpan<ulong> words)
    {
        int first = PlainFirst(words);
        if (Any(width, words) != (first >= 0)) Assert.Fail($"Any, {width} bits, {words.Length / 2} entries");
        if (IndexOfFirst(width, words) != first)
        {
            Assert.Fail($"IndexOfFirst, {width} bits, {words.Length / 2} entries: {IndexOfFirst(width, words)}, expected {first}");
        }

        if (Count(width, words) != PlainCount(words))
        {
            Assert.Fail($"Count, {width} bits, {words.Length / 2} entries: {Count(width, words)}, expected {PlainCount(words)}");
        }
    }

    private static bool Any(int width, ReadOnlySpan<ulong> words) => width switch
    {
        512 => AssignedScan.Any512(words),
        256 => AssignedScan.Any256(words),
        128 => AssignedScan.Any128(words),
        _ => AssignedScan.AnyScalar(words),
    };

    private static int IndexOfFirst(int width, ReadOnlySpan<ulong> words) => width switch
    {
        512 => AssignedScan.IndexOfFirst512(words),
        256 => AssignedScan.IndexOfFirst256(words),
        128 => AssignedScan.IndexOfFirst128(words),
        _ => AssignedScan.IndexOfFirstScalar(words),
    };

    private static int Count(int width, ReadOnlySpan<ulong> words) => width switch
    {
        512 => AssignedScan.Count512(words),
        256 => AssignedScan.Count256(words),
        128 => AssignedScan.Count128(words),
        _ => AssignedScan.CountScalar(words),
    };

    private static int PlainFirst(ReadOnlySpan<ulong> words)
    {
        for (int entry = 0; entry < words.Length / 2; entry++)
        {
            if (words[entry * 2] % 2 == 1) return entry;
        }

        return -1;
    }

    private static int PlainCount(ReadOnlySpan<ulong> words)
    {
        int count = 0;
        for (int entry = 0; entry < words.Length / 2; entry++)
        {
            if (words[entry * 2] % 2 == 1) count++;
        }

        return count;
    }

    private static void Fill(ulong[] words, Random random, double density)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (ulong)random.NextInt64() << 1 | (random.NextDouble() < density ? 1UL : 0);
        }
    }
}
