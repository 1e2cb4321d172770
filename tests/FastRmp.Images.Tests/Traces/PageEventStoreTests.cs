using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

/// <summary>What was appended comes out, whether it fits into a packed event or not.</summary>
public sealed class PageEventStoreTests
{
    [Fact]
    public void Events_of_all_kinds_and_times_of_all_orders_come_out_as_they_went_in()
    {
        ulong[] frames = [0, 1, 0x205, (1UL << 40) - 1, 1UL << 40, ulong.MaxValue];
        int[] tasks = [0, 1, (1 << 16) - 1, 1 << 16, int.MaxValue];
        ulong[] times = [0, 1, 1000, uint.MaxValue - 1UL, uint.MaxValue, 1UL << 32, ulong.MaxValue];
        Random random = new(16);
        using PageEventStore store = new();
        List<(PageEvent Event, ulong Time)> all = [];
        ulong time = 0;
        for (int i = 0; i < (PageEventStore.ChunkEvents * 33) + 7; i++)
        {
            bool isUsual = random.Next(16) != 0;
            time = isUsual ? time + (ulong)random.Next(100_000) : times[random.Next(times.Length)];
            PageEvent one = new(
                (PageEventKind)random.Next(2), isUsual ? (ulong)random.Next(1 << 20) : frames[random.Next(frames.Length)],
                random.Next(32), isUsual ? random.Next(100) : tasks[random.Next(tasks.Length)], random.Next(2) != 0);
            store.Add(one, time);
            all.Add((one, time));
        }

        int next = 0;
        PageEventBlocks blocks = new(store);
        while (blocks.MoveNext())
        {
            for (int i = 0; i < blocks.Current.Length; i++)
            {
                Assert.Equal(all[next++], (blocks.Current[i], blocks.Times[i]));
            }
        }

        Assert.Equal(all.Count, next);
        Assert.False(blocks.MoveNext());
    }
}
