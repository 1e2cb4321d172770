using System;
using System.IO;
using System.Runtime.CompilerServices;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed class PinnedMemoryTests
{
    [Theory]
    [InlineData(0x1000UL)]
    [InlineData(0x3000UL)]
    [InlineData(0x40_0000UL)]
    public void Allocated_memory_is_zeroed_and_page_aligned(ulong bytes)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(bytes);
        RequireFresh(memory, bytes);
    }

    [Theory]
    [InlineData(0x1000UL)]
    [InlineData(0x3000UL)]
    [InlineData(0x40_0000UL)]
    public void Reserved_memory_is_zeroed_and_page_aligned(ulong bytes)
    {
        using PinnedMemory memory = PinnedMemory.Reserve(bytes);
        RequireFresh(memory, bytes);
    }

    [Fact]
    public void A_reservation_far_beyond_the_machine_opens_and_holds_what_is_written_at_both_ends()
    {
        const ulong Bytes = 64UL << 30;
        using PinnedMemory memory = PinnedMemory.Reserve(Bytes);
        memory.Span(0, 8).Fill(0x11);
        memory.Span(Bytes - 8, 8).Fill(0x22);
        Assert.Equal(0x11, memory.ReadOnlySpan(7, 1)[0]);
        Assert.Equal(0, memory.ReadOnlySpan(8, 1)[0]);
        Assert.Equal(0, memory.ReadOnlySpan(Bytes / 2, 1)[0]);
        Assert.Equal(0x22, memory.ReadOnlySpan(Bytes - 1, 1)[0]);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(0xFFFUL)]
    [InlineData(0x1001UL)]
    [InlineData(ulong.MaxValue)]
    public void A_size_that_is_no_whole_number_of_pages_is_refused(ulong size)
    {
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => PinnedMemory.Allocate(size));
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => PinnedMemory.Reserve(size));
    }

    [Theory]
    [InlineData(0x4000_0000_0000_0000UL, "0x4000000000000000")]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, "0xfffffffffffff000")]
    public void A_refused_reservation_names_the_size(ulong bytes, string text)
    {
        IOException refusal = Assert.Throws<IOException>(() => PinnedMemory.Reserve(bytes));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.InnerException);
    }

    [Fact]
    public void An_allocation_that_does_not_fit_is_out_of_memory() =>
        Assert.Throws<OutOfMemoryException>(() => PinnedMemory.Allocate(0x4000_0000_0000_0000UL));

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0UL, 0x2000)]
    [InlineData(0x1FFFUL, 1)]
    [InlineData(0x2000UL, 0)]
    public void A_span_inside_the_block_has_the_length_asked_for(ulong offset, int length)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x2000);
        Assert.Equal(length, memory.Span(offset, length).Length);
        Assert.Equal(length, memory.ReadOnlySpan(offset, length).Length);
    }

    [Theory]
    [InlineData(0UL, 0x2001)]
    [InlineData(0x2000UL, 1)]
    [InlineData(0x2001UL, 0)]
    [InlineData(0x1FFFUL, 2)]
    [InlineData(0UL, -1)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue, 2)]
    public void A_span_that_leaves_the_block_is_refused(ulong offset, int length)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x2000);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = memory.Span(offset, length); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = memory.ReadOnlySpan(offset, length); });
    }

    [Fact]
    public void Spans_and_views_see_the_same_bytes()
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x2000);
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x10_0000));
        memory.Span(0x1008, 8).Fill(0x5A);
        Assert.True(view.TryRead(PhysicalAddress.Create(0x10_1008), out ulong value));
        Assert.Equal(0x5A5A_5A5A_5A5A_5A5AUL, value);
        Assert.True(view.TryCompareExchange(PhysicalAddress.Create(0x10_1008), 0x0807_0605_0403_0201UL, value, out _));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], memory.ReadOnlySpan(0x1008, 8).ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Disposed_memory_hands_out_nothing(bool reserved)
    {
        PinnedMemory memory = reserved ? PinnedMemory.Reserve(0x1000) : PinnedMemory.Allocate(0x1000);
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.Span(0, 0); });
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.ReadOnlySpan(0, 8); });
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.View(default); });
        Assert.Throws<ObjectDisposedException>(() => { _ = new SparsePhysicalMemory(memory, []).View(); });
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(0xFFFUL)]
    [InlineData(0x800UL)]
    public void A_view_at_an_address_inside_a_page_is_refused(ulong address)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x1000);
        Assert.Throws<ArgumentException>("start", () => { _ = memory.View(PhysicalAddress.Create(address)); });
    }

    private static unsafe void RequireFresh(PinnedMemory memory, ulong bytes)
    {
        Assert.Equal(bytes, memory.Length);
        Assert.False(memory.IsReadOnly);
        Span<byte> all = memory.Span(0, (int)bytes);
        Assert.Equal(0UL, (ulong)Unsafe.AsPointer(ref all[0]) % 4096);
        Assert.Equal(-1, all.IndexOfAnyExcept((byte)0));
        all.Fill(0xFF);
        Assert.Equal(-1, memory.ReadOnlySpan(0, (int)bytes).IndexOfAnyExcept((byte)0xFF));
    }
}
