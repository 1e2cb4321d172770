using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

public class OffsetTallyTests
{
    [Theory]
    [InlineData(20, 1)]
    [InlineData(400, 2)]
    [InlineData(5000, 3)]
    public void What_has_more_than_its_share_is_found_among_any_number_of_others(int others, int seed)
    {
        Random random = new(seed);
        List<(ulong Offset, ulong Bytes)> stream = [];
        for (int i = 0; i < others; i++) stream.Add(((ulong)random.Next(1, int.MaxValue), (ulong)random.Next(1, 4) << 12));
        ulong noise = (ulong)stream.Sum(static part => (long)part.Bytes);
        for (ulong given = 0; given < noise / 8; given += 0x1000) stream.Insert(random.Next(stream.Count), (0, 0x1000));
        OffsetTally tally = OffsetTally.Create();
        foreach ((ulong offset, ulong bytes) in stream) tally.Add(offset, bytes);
        Assert.Equal(others <= 20, tally.IsExact);
        tally.Recount();
        foreach ((ulong offset, ulong bytes) in stream) tally.Add(offset, bytes);
        Assert.True(tally.TryGetLargest(out ulong found));
        Assert.Equal(0UL, found);
        Assert.True(tally.IsExact);
    }

    [Fact]
    public void Nothing_added_gives_nothing()
    {
        Assert.False(OffsetTally.Create().TryGetLargest(out _));
    }

    [Fact]
    public void Of_equal_ones_the_lowest_is_taken_in_any_order()
    {
        foreach (ulong[] order in (ulong[][])[[3, 1, 2], [1, 2, 3], [2, 3, 1]])
        {
            OffsetTally tally = OffsetTally.Create();
            foreach (ulong offset in order) tally.Add(offset, 8);
            Assert.True(tally.TryGetLargest(out ulong found));
            Assert.Equal(1UL, found);
        }
    }
}
