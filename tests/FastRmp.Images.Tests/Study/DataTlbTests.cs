using System;
using System.Collections.Generic;
using FastRmp.Images.Study;
using Xunit;

namespace FastRmp.Images.Tests.Study;

public class DataTlbTests
{
    private static readonly TlbSizes Tiny = new("tiny", 2, 8, 2, 2);

    [Fact]
    public void Four_adjacent_small_pages_share_an_entry()
    {
        DataTlb tlb = new(Tiny, 2, 2);
        Assert.Equal([3, 0, 0, 0, 2, 0], Outcomes(tlb, 0, 1, 2, 3, 4, 5)); // the second walk knows the directory's entry
    }

    [Fact]
    public void What_left_the_first_level_is_in_the_second()
    {
        DataTlb tlb = new(Tiny, 2, 2);
        Assert.Equal([3, 2, 2, 1, 0], Outcomes(tlb, 0, 4, 8, 0, 8));
    }

    [Fact]
    public void A_set_of_the_second_level_keeps_what_was_used_last()
    {
        // Four sets of two: entries 0, 4, 8 meet in set 0, and two other entries push them out of the first level.
        DataTlb tlb = new(Tiny, 9, 9);
        Assert.Equal([2, 2, 2, 2, 2, 1, 2], Outcomes(tlb, 0, 4 << 9, 8 << 9, 1 << 9, 2 << 9, 8 << 9, 0));
    }

    [Fact]
    public void Giant_pages_are_giant_in_the_first_level_only()
    {
        DataTlb tlb = new(Tiny, 18, 9);
        Assert.Equal([2, 0, 2, 2, 1, 0], Outcomes(tlb, 0, 511 << 9, 513 << 9, 1026 << 9, 0, 9 << 9));
    }

    [Fact]
    public void Random_accesses_end_as_in_a_model_of_lists()
    {
        foreach (TlbSizes sizes in (TlbSizes[])[Tiny, TlbSizes.Zen3, TlbSizes.Zen4, TlbSizes.Zen5])
        {
            foreach ((int first, int second) in ((int, int)[])[(2, 2), (9, 9), (18, 9)])
            {
                Random random = new(first);
                DataTlb tlb = new(sizes, first, second);
                Lists lists = new(sizes, first, second);
                for (int i = 0; i < 20_000; i++)
                {
                    ulong frame = (ulong)random.NextInt64(1L << random.Next(3, 21));
                    Assert.Equal(lists.Access(frame), tlb.Access(frame));
                }
            }
        }
    }

    private static int[] Outcomes(DataTlb tlb, params ulong[] frames) => Array.ConvertAll(frames, tlb.Access);

    /// <summary>The same in the plainest form.</summary>
    private sealed class Lists(TlbSizes sizes, int first, int second)
    {
        private readonly List<ulong> _first = [];
        private readonly Dictionary<ulong, List<ulong>> _second = [];
        private readonly List<ulong> _directory = [];

        internal int Access(ulong frame)
        {
            if (Use(_first, frame >> first, sizes.FirstLevel)) return 0;
            ulong entry = frame >> second;
            ulong set = entry % (ulong)(sizes.SecondLevel / sizes.Ways);
            if (!_second.TryGetValue(set, out List<ulong>? ways)) _second[set] = ways = [];
            if (Use(ways, entry, sizes.Ways)) return 1;
            return second >= 9 || Use(_directory, frame >> 9, sizes.Directory) ? 2 : 3;
        }

        private static bool Use(List<ulong> keys, ulong key, int capacity)
        {
            bool isThere = keys.Remove(key);
            keys.Add(key);
            if (keys.Count > capacity) keys.RemoveAt(0);
            return isThere;
        }
    }
}
