using System;
using System.Collections.Generic;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Memory;

/// <summary>Random images against a dictionary with one item for each byte.</summary>
public sealed class SparseMemoryRandomTests
{
    private const int BlockBytes = 0x2000;
    private const int Space = 0x4000;

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    public void Random_segments_read_like_a_dictionary(int seed, int granularity)
    {
        Random random = new(seed);
        using PinnedMemory block = PinnedMemory.Allocate(BlockBytes);
        random.NextBytes(block.Span(0, BlockBytes));
        for (int round = 0; round < 40; round++)
        {
            Dictionary<ulong, byte> expected = [];
            SparsePhysicalMemory memory = new(block, RandomSegments(random, granularity, block, expected));
            SparseMemoryView view = memory.View();
            for (int i = 0; i < 2000; i++)
            {
                ulong address = (ulong)random.Next(Space / 8) * 8;
                bool there = TryQuadword(expected, address, out ulong quadword);
                Assert.Equal(there, view.TryRead(PhysicalAddress.Create(address), out ulong value));
                Assert.Equal(quadword, value);
            }

            CompareBytes(random, memory, expected);
        }
    }

    [Fact]
    public void Lookups_allocate_nothing()
    {
        Random random = new(5);
        using PinnedMemory block = PinnedMemory.Allocate(BlockBytes);
        SparsePhysicalMemory memory = new(block, RandomSegments(random, 8, block, []));
        byte[] buffer = new byte[64];
        ulong sum = 0;
        Allocations.RequireNone(() => sum += Sweep(memory, buffer));
        Assert.NotEqual(ulong.MaxValue, sum);
    }

    private static ulong Sweep(SparsePhysicalMemory memory, byte[] buffer)
    {
        SparseMemoryView view = memory.View();
        ulong sum = 0;
        for (ulong address = 0; address < Space; address += 0x108)
        {
            _ = view.TryRead(PhysicalAddress.Create(address), out ulong value);
            sum ^= value + (ulong)memory.Read(PhysicalAddress.Create(address), buffer);
        }

        return sum;
    }

    // Pieces of random length, some touching the one before, laid into the block one after the other or anywhere.
    private static MemorySegment[] RandomSegments(Random random, int granularity, PinnedMemory block, Dictionary<ulong, byte> expected)
    {
        List<MemorySegment> segments = [];
        ulong address = 0;
        ulong nextOffset = 0;
        while (true)
        {
            address += random.Next(3) == 0 ? 0 : (ulong)(random.Next(60) * granularity);
            ulong length = (ulong)(random.Next(60) * granularity);
            ulong offset = random.Next(2) == 0 ? nextOffset : (ulong)random.Next(BlockBytes);
            if (address + length > Space) break;
            if (offset + length > BlockBytes) offset = 0;
            segments.Add(new MemorySegment(PhysicalAddress.Create(address), offset, length));
            for (ulong i = 0; i < length; i++)
            {
                expected.Add(address + i, block.ReadOnlySpan(offset + i, 1)[0]);
            }

            address += length;
            nextOffset = offset + length;
        }

        MemorySegment[] shuffled = [.. segments];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static bool TryQuadword(Dictionary<ulong, byte> bytes, ulong address, out ulong quadword)
    {
        quadword = 0;
        ulong value = 0;
        for (int i = 0; i < 8; i++)
        {
            if (!bytes.TryGetValue(address + (ulong)i, out byte part)) return false;
            value |= (ulong)part << (8 * i);
        }

        quadword = value;
        return true;
    }

    private static void CompareBytes(Random random, SparsePhysicalMemory memory, Dictionary<ulong, byte> expected)
    {
        byte[] buffer = new byte[500];
        for (int i = 0; i < 100; i++)
        {
            ulong address = (ulong)random.Next(Space);
            int count = memory.Read(PhysicalAddress.Create(address), buffer);
            for (int j = 0; j < count; j++)
            {
                Assert.Equal(expected[address + (ulong)j], buffer[j]);
            }

            Assert.True(count == buffer.Length || !expected.ContainsKey(address + (ulong)count));
        }
    }
}
