using System;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed class SparsePhysicalMemoryTests : IDisposable
{
    private const ulong BlockBytes = 0x4000;

    private readonly PinnedMemory _block = PinnedMemory.Allocate(BlockBytes);

    public SparsePhysicalMemoryTests() => new Random(3).NextBytes(_block.Span(0, (int)BlockBytes));

    public void Dispose() => _block.Dispose();

    [Theory]
    [InlineData(0x1000UL, 0x0UL)]
    [InlineData(0x1FF8UL, 0xFF8UL)]
    [InlineData(0x4000UL, 0x2000UL)]
    [InlineData(0x47F8UL, 0x27F8UL)]
    [InlineData(0xF_FFFF_FFFF_F000UL, 0x1000UL)]
    [InlineData(0xF_FFFF_FFFF_FFF8UL, 0x1FF8UL)]
    public void The_first_and_last_quadword_of_each_segment_are_there(ulong address, ulong offset)
    {
        SparseMemoryView view = ThreeSegments().View();
        Assert.True(view.TryRead(PhysicalAddress.Create(address), out ulong value));
        Assert.Equal(BitConverter.ToUInt64(_block.ReadOnlySpan(offset, 8)), value);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0xFF8UL)]
    [InlineData(0xFFFUL)]
    [InlineData(0x2000UL)]
    [InlineData(0x3FF8UL)]
    [InlineData(0x47FCUL)]
    [InlineData(0x4800UL)]
    [InlineData(0xF_FFFF_FFFF_EFF8UL)]
    [InlineData(0xF_FFFF_FFFF_FFFFUL)]
    public void Gaps_and_what_hangs_over_an_end_are_not_there(ulong address)
    {
        SparseMemoryView view = ThreeSegments().View();
        Assert.False(view.TryRead(PhysicalAddress.Create(address), out ulong value));
        Assert.Equal(0UL, value);
        Assert.True(view.TryRead(PhysicalAddress.Create(0x1000), out _)); // a hit that failed spoils nothing
        Assert.False(view.TryRead(PhysicalAddress.Create(address), out _));
    }

    [Fact]
    public void Segments_come_out_sorted_with_empty_ones_dropped()
    {
        SparsePhysicalMemory memory = new(_block,
        [
            Segment(0x9000, 0x1000, 0x1000),
            Segment(0x9000, 0x8_0000, 0),
            Segment(0x1000, 0x0, 0x1000),
        ]);
        Assert.Equal([Segment(0x1000, 0x0, 0x1000), Segment(0x9000, 0x1000, 0x1000)], memory.Segments.ToArray());
    }

    [Fact]
    public void Segments_adjacent_in_memory_and_in_the_block_are_joined()
    {
        SparsePhysicalMemory memory = new(_block,
        [
            Segment(0x2000, 0x1000, 0x1000),
            Segment(0x3000, 0x2000, 0x800),
            Segment(0x1000, 0x0, 0x1000),
            Segment(0x4000, 0x3000, 0x800),
        ]);
        Assert.Equal([Segment(0x1000, 0x0, 0x2800), Segment(0x4000, 0x3000, 0x800)], memory.Segments.ToArray());
    }

    [Fact]
    public void Segments_adjacent_in_memory_only_stay_apart_and_are_read_across()
    {
        SparsePhysicalMemory memory = new(_block, [Segment(0x1000, 0x2000, 0x1000), Segment(0x2000, 0x0, 0x1000)]);
        Assert.Equal(2, memory.Segments.Length);
        byte[] bytes = new byte[16];
        Assert.Equal(16, memory.Read(PhysicalAddress.Create(0x1FF8), bytes));
        Assert.Equal(_block.ReadOnlySpan(0x2FF8, 8), bytes.AsSpan(0, 8));
        Assert.Equal(_block.ReadOnlySpan(0x0, 8), bytes.AsSpan(8, 8));
    }

    [Fact]
    public void A_quadword_that_two_segments_share_is_there()
    {
        SparsePhysicalMemory memory = new(_block, [Segment(0x1000, 0x2000, 0x1003), Segment(0x2003, 0x0, 0x1000)]);
        SparseMemoryView view = memory.View();
        byte[] expected = [.. _block.ReadOnlySpan(0x3000, 3), .. _block.ReadOnlySpan(0, 5)];
        Assert.True(view.TryRead(PhysicalAddress.Create(0x2000), out ulong value));
        Assert.Equal(BitConverter.ToUInt64(expected), value);
        Assert.False(view.TryRead(PhysicalAddress.Create(0x3000), out _));
    }

    [Theory]
    [InlineData(0x1000UL, 0x1001UL)]
    [InlineData(0x1FFFUL, 0x1000UL)]
    [InlineData(0x1000UL, 0x1000UL)]
    [InlineData(0x1800UL, 0x10UL)]
    [InlineData(0x0UL, 0x3000UL)]
    public void Overlapping_segments_are_refused(ulong start, ulong length)
    {
        MemorySegment[] segments = [Segment(0x1000, 0, 0x1000), Segment(start, 0x1000, length)];
        ArgumentException refusal = Assert.Throws<ArgumentException>("segments", () => new SparsePhysicalMemory(_block, segments));
        Assert.Contains("overlaps", refusal.Message, StringComparison.Ordinal);
        Array.Reverse(segments);
        Assert.Throws<ArgumentException>("segments", () => new SparsePhysicalMemory(_block, segments));
    }

    [Theory]
    [InlineData(0x0UL, 0x4001UL)]
    [InlineData(0x4000UL, 0x1UL)]
    [InlineData(0x3FFFUL, 0x2UL)]
    [InlineData(ulong.MaxValue, 0x2UL)]
    [InlineData(0x1000UL, ulong.MaxValue)]
    public void A_segment_outside_the_block_is_refused(ulong offset, ulong length) =>
        Assert.Throws<ArgumentOutOfRangeException>("segments", () => new SparsePhysicalMemory(_block, [Segment(0x1000, offset, length)]));

    [Fact]
    public void A_segment_that_ends_above_the_physical_address_space_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            "segments", () => new SparsePhysicalMemory(_block, [Segment(0xF_FFFF_FFFF_F000, 0, 0x1001)]));

    [Fact]
    public void Reading_stops_at_the_first_absent_byte_and_leaves_the_rest_alone()
    {
        byte[] bytes = new byte[0x1000];
        Array.Fill(bytes, (byte)0xEE);
        SparsePhysicalMemory memory = ThreeSegments();
        Assert.Equal(0x10, memory.Read(PhysicalAddress.Create(0x47F0), bytes));
        Assert.Equal(_block.ReadOnlySpan(0x27F0, 0x10), bytes.AsSpan(0, 0x10));
        Assert.Equal(-1, bytes.AsSpan(0x10).IndexOfAnyExcept((byte)0xEE));
        Assert.Equal(0, memory.Read(PhysicalAddress.Create(0x4800), bytes));
        Assert.Equal(8, memory.Read(PhysicalAddress.Create(0xF_FFFF_FFFF_FFF8), bytes));
    }

    [Fact]
    public void Memory_without_segments_holds_nothing()
    {
        SparsePhysicalMemory memory = new(_block, []);
        SparseMemoryView view = memory.View();
        Assert.False(view.TryRead(default, out _));
        Assert.Equal(0, memory.Read(default, new byte[8]));
    }

    private SparsePhysicalMemory ThreeSegments() => new(_block,
    [
        Segment(0xF_FFFF_FFFF_F000, 0x1000, 0x1000),
        Segment(0x1000, 0x0, 0x1000),
        Segment(0x4000, 0x2000, 0x800),
    ]);

    private static MemorySegment Segment(ulong start, ulong offset, ulong length) => new(PhysicalAddress.Create(start), offset, length);
}
