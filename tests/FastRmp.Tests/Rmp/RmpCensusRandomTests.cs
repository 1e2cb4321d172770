using System;
using System.Runtime.InteropServices;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>The census against one page at a time.</summary>
public class RmpCensusRandomTests
{
    private static readonly ulong[] Lows =
    [
        0, 1, 4, 0x8000_0000_0000_0005, 0x8002_0000_0000_1005, 0xA000_0000_0000_0005, 0x8001_0001_2345_6005, 0x0028_0000_1234_5001,
        0x4028_0000_1234_5001,
        0x0028_0000_1234_5005, 0x6010_FFFF_FFFF_F001, 0x4000_0000_0000_0000, 0x1FF8_0000_0000_0001, 0x8028_0000_4000_0001, 0x2, 0x10,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_tables_are_counted_as_one_page_at_a_time(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 40; round++)
        {
            RmpEntry[] table = Table(random, regions: 8);
            RmpCensus census = new();
            census.Add(default, table);
            Check(table, census);
        }
    }

    [Fact]
    public void Every_vector_width_finds_the_end_of_a_run()
    {
        Random random = new(4);
        for (int entries = 1; entries <= 67; entries++)
        {
            for (int round = 0; round < 40; round++)
            {
                ulong[] words = new ulong[2 * entries];
                random.NextBytes(MemoryMarshal.AsBytes(words.AsSpan()));
                ulong mask = round % 3 == 0 ? ulong.MaxValue : ~RmpEntry.GpaMask;
                int run = random.Next(1, entries + 1);
                for (int i = 1; i < run; i++)
                {
                    words[2 * i] = (words[2 * i] & ~mask) | (words[0] & mask);
                }

                if (run < entries) words[2 * run] = words[0] ^ Bit(random, mask);
                Assert.Equal(run, RmpCensus.RunLengthScalar(words, words[0], mask));
                Assert.Equal(run, RmpCensus.RunLength512(words, words[0], mask));
                Assert.Equal(run, RmpCensus.RunLength256(words, words[0], mask));
                Assert.Equal(run, RmpCensus.RunLength128(words, words[0], mask));
                Assert.Equal(run, RmpCensus.RunLength(words, words[0], mask));
            }
        }
    }

    [Fact]
    public void A_census_allocates_nothing()
    {
        RmpEntry[] table = Table(new Random(5), regions: 16);
        RmpCensus census = new();
        ulong[] counters = new ulong[2048];
        Allocations.RequireNone(() =>
        {
            census.Add(default, table);
            census.CompareCounters(counters);
        });
    }

    private static ulong Bit(Random random, ulong mask)
    {
        while (true)
        {
            ulong bit = 1UL << random.Next(64);
            if ((bit & mask) != 0) return bit;
        }
    }

    private static RmpEntry[] Table(Random random, int regions)
    {
        RmpEntry[] table = new RmpEntry[regions * 512];
        for (int region = 0; region < regions; region++)
        {
            Span<RmpEntry> entries = table.AsSpan(region * 512, 512);
            int longest = random.Next(1, 200);
            for (int i = 0; i < 512;)
            {
                ulong low = random.Next(20) == 0 ? (ulong)random.NextInt64() : Lows[random.Next(Lows.Length)];
                for (int length = random.Next(1, longest + 1); length > 0 && i < 512; length--, i++)
                {
                    bool isGuest = new RmpEntry(low, 0).Asid != 0;
                    entries[i] = new RmpEntry(isGuest ? low + ((ulong)random.Next(2) << 12) : low, (ulong)random.NextInt64());
                }
            }

            if (random.Next(3) == 0) entries[0] = new RmpEntry(0x4028_0000_4000_0003, 0x1F);
        }

        return table;
    }

    private static void Check(RmpEntry[] table, RmpCensus census)
    {
        ulong[] states = new ulong[13];
        ulong[] owners = new ulong[1024];
        ulong assigned = 0;
        ulong counted = 0;
        ulong wrongCounts = 0;
        for (int top = 0; top < table.Length; top += 512)
        {
            RmpEntry first = table[top];
            ulong subpages = 0;
            for (int i = 0; i < 512; i++)
            {
                RmpEntry own = table[top + i];
                RmpEntry attributes = first.PageSize == PageSize.Size2M ? first with { Assigned = own.Assigned } : own;
                states[(int)attributes.State]++;
                if (!own.Assigned) continue;
                assigned++;
                owners[attributes.Asid]++;
                if (i != 0) subpages++;
            }

            bool isLarge = first.PageSize == PageSize.Size2M;
            counted += (first.Assigned ? 1UL : 0) + (isLarge ? first.Assigned ? 511UL : 0 : first.SubpageCount);
            if (!isLarge && subpages != first.SubpageCount) wrongCounts++;
        }

        Assert.Equal((ulong)table.Length, census.Pages);
        Assert.Equal((assigned, counted), (census.AssignedPages, census.CountedPages));
        Assert.Equal(
            wrongCounts, census.FindingsOf(RmpCensusFindingKind.CountTooLow) + census.FindingsOf(RmpCensusFindingKind.CountTooHigh));
        for (int state = 0; state < states.Length; state++)
        {
            Assert.Equal(states[state], census.PagesIn((PageState)state));
        }

        for (uint asid = 0; asid < 0x3FF; asid++)
        {
            Assert.Equal(owners[asid], census.PagesOf(asid));
        }
    }
}
