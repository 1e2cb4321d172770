using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Blocks of plain entries, which are tallied, among blocks that hold something worth a word.</summary>
public class RmpCensusBlockTests
{
    private const int BlockEntries = 64;
    private const ulong Firmware = 0x8000_0000_0000_0005;
    private const ulong Iommu = 0x8002_0000_0000_1005;
    private const ulong Guest = 0x4028_0000_1234_5001;
    private const ulong LargeGuest = 0x4028_0000_4000_0003;
    private static readonly ulong[] Plain =
    [
        0, 1, 4, Firmware, 0xA000_0000_0000_0005, 0x1000, Guest, 0x0028_0000_1234_5001, 0x8030_0000_1234_5005, 0x6010_FFFF_FFFF_F001,
        0x5FE8_0000_0000_0001,
    ];
    private static readonly ulong[] Strange =
    [
        2, 8, 0x1001, Iommu, 0x4000_0000_0000_0000, 0x4000_0000_0000_0001, 0x0028_0000_0000_0000, 0x1FF8_0000_0000_0001,
        0x5FF0_0000_0000_0001, 0xFFF0_0000_0014_4001, 0x8000_0000_0000_0001, 0x8028_0000_0000_0001,
    ];

    [Fact]
    public void Every_vector_width_distinguishes_plain_blocks_from_others()
    {
        Random random = new(11);
        int plain = 0;
        for (int round = 0; round < 4000; round++)
        {
            ulong[] words = new ulong[2 * BlockEntries];
            random.NextBytes(MemoryMarshal.AsBytes(words.AsSpan()));
            for (int i = 0; i < BlockEntries; i++)
            {
                words[2 * i] = Plain[random.Next(Plain.Length)];
            }

            ulong ofFirst = round % 2 == 0 ? ulong.MaxValue : 0;
            int place = 2 * random.Next(BlockEntries);
            if (round % 3 != 0)
            {
                words[place] = round % 3 == 1 ? words[place] ^ (1UL << random.Next(64)) : Strange[random.Next(Strange.Length)];
            }

            int expected = RmpCensus.CountPlainScalar(words, ofFirst);
            bool isMasked = place == 0 && ofFirst == 0;
            if (round % 3 == 0 || isMasked) Assert.Equal(Assigned(words, ofFirst), expected);
            else if (round % 3 == 2) Assert.True(expected < 0, $"0x{words[place]:x}");
            else Assert.True(expected < 0 || expected == Assigned(words, ofFirst));
            plain += expected >= 0 ? 1 : 0;
            AssertRungs(expected, words, ofFirst);
        }

        Assert.InRange(plain, 1000, 3000);
    }

    [Fact]
    public void Every_vector_width_finds_every_place_of_a_block()
    {
        foreach (ulong low in Strange)
        {
            for (int place = 0; place < BlockEntries; place++)
            {
                ulong[] words = new ulong[2 * BlockEntries];
                words[2 * place] = low;
                AssertRungs(-1, words, ulong.MaxValue);
                AssertRungs(place == 0 ? 0 : -1, words, 0);
                words[2 * place] = 0;
                words[(2 * place) + 1] = low; // high quadwords do not count
                AssertRungs(0, words, ulong.MaxValue);
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 40)]
    public void Findings_and_numbers_are_those_of_a_walk_from_entry_to_entry(int seed, int mutations)
    {
        Random random = new(seed);
        for (int round = 0; round < 150; round++)
        {
            RmpEntry[] table = Table(random, mutations);
            RmpCensus census = new();
            census.Add(default, table);
            List<RmpCensusFinding> findings = [];
            ulong[] kinds = new ulong[Enum.GetValues<RmpCensusFindingKind>().Length];
            Walk(table, findings, kinds);
            Assert.Equal(findings.Take(RmpCensus.FindingCapacity), census.FirstFindings.ToArray());
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                Assert.Equal(kinds[kind], census.FindingsOf((RmpCensusFindingKind)kind));
            }

            Assert.Equal(findings.Count == 0, census.IsConsistent);
            AssertNumbers(table, census);
        }
    }

    private static void AssertRungs(int expected, ulong[] words, ulong ofFirst)
    {
        Assert.Equal(expected, RmpCensus.CountPlainScalar(words, ofFirst));
        Assert.Equal(expected, RmpCensus.CountPlain512(words, ofFirst));
        Assert.Equal(expected, RmpCensus.CountPlain256(words, ofFirst));
        Assert.Equal(expected, RmpCensus.CountPlain128(words, ofFirst));
        Assert.Equal(expected, RmpCensus.CountPlain(words, ofFirst));
    }

    private static int Assigned(ulong[] words, ulong ofFirst)
    {
        int assigned = (int)(words[0] & ofFirst & 1);
        for (int i = 1; i < BlockEntries; i++)
        {
            assigned += (int)(words[2 * i] & 1);
        }

        return assigned;
    }

    private static RmpEntry[] Table(Random random, int mutations)
    {
        RmpEntry[] table = new RmpEntry[4 * 512];
        for (int top = 0; top < table.Length; top += 512)
        {
            int longest = random.Next(1, 100);
            for (int i = 0; i < 512;)
            {
                ulong low = Plain[random.Next(Plain.Length)];
                for (int length = random.Next(1, longest + 1); length > 0 && i < 512; length--, i++)
                {
                    table[top + i] = new RmpEntry(low, (ulong)random.NextInt64());
                }
            }

            for (int i = 0; i < mutations; i++)
            {
                int place = top + random.Next(512);
                ulong low = random.Next(2) == 0 ? Strange[random.Next(Strange.Length)] : table[place].Low ^ (1UL << random.Next(64));
                for (int length = random.Next(1, 3) * random.Next(1, 60); length > 0 && place < top + 512; length--, place++)
                {
                    table[place] = new RmpEntry(low, 0);
                }
            }

            ushort count = (ushort)table.AsSpan(top + 1, 511).ToArray().Count(entry => entry.Assigned);
            if (random.Next(4) != 0) table[top] = new RmpEntry(LargeGuest & ~2UL, 0) with { SubpageCount = count };
        }

        return table;
    }

    private static void Walk(RmpEntry[] table, List<RmpCensusFinding> findings, ulong[] kinds)
    {
        for (int top = 0; top < table.Length; top += 512)
        {
            RmpEntry first = table[top];
            if (IsInTransition(first)) Add(RmpCensusFindingKind.InTransition, top, first, 0, 1, 1);
            if (first.PageSize == PageSize.Size2M)
            {
                if (first.SubpageCount != 0) Add(RmpCensusFindingKind.CountOfLargePage, top, first, first.SubpageCount, 0, 1);
                if (!first.Assigned) Add(RmpCensusFindingKind.UnassignedLargePage, top, first, 0, 1, 1);
            }

            ulong assigned = 0;
            for (int i = 0, length; i < 512; i += length)
            {
                RmpEntry own = table[top + i];
                bool isLarge = first.PageSize == PageSize.Size2M;
                length = 1;
                while ((i != 0 || isLarge) && i + length < 512 && AreAlike(own, table[top + i + length], isLarge)) length++;
                if (i == 0 && !isLarge) length = 1;
                ulong pages = (ulong)length;
                RmpEntry attributes = isLarge ? first with { Assigned = own.Assigned } : own;
                if (own.Assigned && i != 0) assigned += pages;
                if (isLarge && !own.Assigned && i != 0)
                {
                    Add(RmpCensusFindingKind.LostSubpage, top + i, attributes, 0, pages, pages);
                }
                else if (attributes.State == PageState.Invalid)
                {
                    Add(RmpCensusFindingKind.InvalidState, top + i, attributes, 0, pages, pages);
                }

                if (i == 0 || isLarge) continue;
                if (own.PageSize == PageSize.Size2M) Add(RmpCensusFindingKind.LargeSubpage, top + i, own, 0, pages, pages);
                if (own.SubpageCount != 0) Add(RmpCensusFindingKind.CountOfSubpage, top + i, own, 0, pages, pages);
                if (IsInTransition(own)) Add(RmpCensusFindingKind.InTransition, top + i, own, 0, pages, pages);
            }

            if (first.PageSize == PageSize.Size2M || assigned == first.SubpageCount) continue;
            Add(
                first.SubpageCount < assigned ? RmpCensusFindingKind.CountTooLow : RmpCensusFindingKind.CountTooHigh, top, first,
                first.SubpageCount, assigned, 1);
        }

        void Add(RmpCensusFindingKind kind, int page, RmpEntry entry, ulong recorded, ulong found, ulong times)
        {
            findings.Add(new RmpCensusFinding(kind, PhysicalAddress.FromPageNumber((ulong)page), entry.Asid, recorded, found));
            kinds[(int)kind] += times;
        }
    }

    private static bool AreAlike(RmpEntry one, RmpEntry other, bool isLarge)
    {
        if (isLarge) return one.Assigned == other.Assigned;
        return one.Asid == 0 ? one.Low == other.Low : (one with { Gpa = default }).Low == (other with { Gpa = default }).Low;
    }

    private static bool IsInTransition(RmpEntry entry) => !IsInUse(entry) && (entry.Asid >= 0x3FE || (entry.Lock && !entry.Immutable));

    private static bool IsInUse(RmpEntry entry) => entry is { Asid: 0x3FE, Assigned: true, Lock: true, Immutable: false };

    private static void AssertNumbers(RmpEntry[] table, RmpCensus census)
    {
        ulong[] states = new ulong[13];
        ulong[] owners = new ulong[1024];
        ulong vmsa = 0;
        for (int i = 0; i < table.Length; i++)
        {
            RmpEntry first = table[i & ~511];
            RmpEntry attributes = first.PageSize == PageSize.Size2M ? first with { Assigned = table[i].Assigned } : table[i];
            states[(int)attributes.State]++;
            if (!attributes.Assigned) continue;
            owners[attributes.Asid]++;
            vmsa += attributes.Vmsa && attributes.Asid != 0 ? 1UL : 0;
        }

        Assert.Equal(vmsa, census.VmsaPages);
        Assert.Equal(states, Enumerable.Range(0, 13).Select(state => census.PagesIn((PageState)state)));
        Assert.Equal(owners[..0x3FE], Enumerable.Range(0, 0x3FE).Select(asid => census.PagesOf((uint)asid)));
        Assert.Equal(owners.Aggregate((sum, pages) => sum + pages), census.AssignedPages);
    }
}
