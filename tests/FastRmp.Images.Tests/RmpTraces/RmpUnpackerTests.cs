using System;
using System.Threading;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>The thread that unpacks ahead gives the events in their order, and ends with its reader.</summary>
public sealed class RmpUnpackerTests
{
    private const int Events = 9 * RmpUnpacker.BlockEvents;

    [Fact]
    public void A_large_trace_is_unpacked_in_its_order()
    {
        RmpEventStore store = Store(Events + 7);
        int next = 0;
        using RmpEventBlocks blocks = new(store);
        foreach (ReadOnlySpan<RmpRecord> block in blocks)
        {
            Assert.False(block.IsEmpty);
            foreach (ref readonly RmpRecord one in block)
            {
                Assert.Equal(((ulong)next * 3, next + 1L), (one.Page.PageNumber, one.Line));
                next++;
            }
        }

        Assert.Equal(Events + 7, next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void A_reader_may_stop_early(int blocks)
    {
        RmpEventStore store = Store(Events);
        for (int round = 0; round < 50; round++)
        {
            using RmpUnpacker unpacker = new(store);
            for (int block = 0; block < blocks; block++)
            {
                Assert.True(unpacker.TryNext(out _, out int length));
                Assert.InRange(length, RmpUnpacker.BlockEvents - RmpEventStore.ChunkEvents, RmpUnpacker.BlockEvents);
                if (round % 2 == 0) Thread.Yield();
            }
        }
    }

    private static RmpEventStore Store(int events)
    {
        RmpEventStore store = new();
        for (int i = 0; i < events; i++)
        {
            store.Add(new RmpTraceEvent
            {
                Kind = RmpTraceEventKind.Write,
                Page = PhysicalAddress.FromPageNumber((ulong)i * 3),
                Code = RmpTraceEvent.NoCode,
                Processor = RmpTraceEvent.NoProcessor,
                Line = i + 1,
            });
        }

        return store;
    }
}
