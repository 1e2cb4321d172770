using System;
using System.Buffers.Binary;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed class PinnedMemoryViewTests
{
    private const ulong Bytes = 0x3000;
    private const ulong HighestStart = (1UL << 52) - Bytes;

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x10_0000UL)]
    [InlineData(HighestStart)]
    public void Every_quadword_of_the_block_can_be_read(ulong start)
    {
        using PinnedMemory memory = Numbered();
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(start));
        Assert.Equal(start, view.Start.Value);
        for (ulong offset = 0; offset < Bytes; offset += 8)
        {
            Assert.True(view.TryRead(PhysicalAddress.Create(start + offset), out ulong value));
            Assert.Equal(offset, value);
        }
    }

    [Theory]
    [InlineData(0x10_0000UL, 0UL)]
    [InlineData(0x10_0000UL, 0xF_F000UL)]
    [InlineData(0x10_0000UL, 0xF_FFF8UL)]
    [InlineData(0x10_0000UL, 0xF_FFFFUL)]
    [InlineData(0x10_0000UL, 0x10_2FF9UL)]
    [InlineData(0x10_0000UL, 0x10_2FFFUL)]
    [InlineData(0x10_0000UL, 0x10_3000UL)]
    [InlineData(0x10_0000UL, 0x10_3008UL)]
    [InlineData(0x10_0000UL, 0xF_FFFF_FFFF_FFF8UL)]
    [InlineData(0UL, 0x3000UL)]
    [InlineData(0UL, 0xF_FFFF_FFFF_FFF8UL)]
    [InlineData(HighestStart, 0UL)]
    [InlineData(HighestStart, HighestStart - 8)]
    public void What_is_not_wholly_inside_is_not_there(ulong start, ulong address)
    {
        using PinnedMemory memory = Numbered();
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(start));
        Assert.False(view.TryRead(PhysicalAddress.Create(address), out ulong value));
        Assert.Equal(0UL, value);
        Assert.False(view.TryCompareExchange(PhysicalAddress.Create(address), 1, 0, out ulong prior));
        Assert.Equal(0UL, prior);
    }

    [Fact]
    public void An_exchange_takes_place_only_if_the_old_value_is_the_expected_one()
    {
        using PinnedMemory memory = Numbered();
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x5000));
        PhysicalAddress last = PhysicalAddress.Create(0x5000 + Bytes - 8);

        Assert.True(view.TryCompareExchange(last, 99, Bytes, out ulong prior));
        Assert.Equal(Bytes - 8, prior);
        Assert.True(view.TryRead(last, out ulong unchanged));
        Assert.Equal(Bytes - 8, unchanged);

        Assert.True(view.TryCompareExchange(last, 99, Bytes - 8, out prior));
        Assert.Equal(Bytes - 8, prior);
        Assert.True(view.TryRead(last, out ulong changed));
        Assert.Equal(99UL, changed);
    }

    [Theory]
    [InlineData(0x5001UL)]
    [InlineData(0x5004UL)]
    [InlineData(0x5007UL)]
    public void An_exchange_across_two_quadwords_is_refused(ulong address)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(Bytes);
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x5000));
        Assert.False(view.TryCompareExchange(PhysicalAddress.Create(address), 1, 0, out _));
        Assert.Equal(-1, memory.ReadOnlySpan(0, (int)Bytes).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void No_view_holds_nothing()
    {
        PinnedMemoryView none = default;
        Assert.False(none.TryRead(default, out _));
        Assert.False(none.TryRead(PhysicalAddress.Create(0x1000), out _));
        Assert.False(none.TryCompareExchange(default, 1, 0, out _));
        none.Prefetch(default);
        Assert.Equal(0UL, none.Start.Value);
    }

    [Fact]
    public void Views_are_equal_if_they_show_the_same_block_at_the_same_address()
    {
        using PinnedMemory memory = Numbered();
        using PinnedMemory other = Numbered();
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x5000));
        Assert.True(view == memory.View(PhysicalAddress.Create(0x5000)) && view.Equals((object)view));
        Assert.Equal(view.GetHashCode(), memory.View(PhysicalAddress.Create(0x5000)).GetHashCode());
        Assert.True(view != memory.View(PhysicalAddress.Create(0x6000)));
        Assert.True(view != other.View(PhysicalAddress.Create(0x5000)) && view != default && !view.Equals((object)memory));
    }

    [Fact]
    public void Views_allocate_nothing()
    {
        using PinnedMemory memory = Numbered();
        ulong sum = 0;
        Allocations.RequireNone(() => sum += Use(memory));
        Assert.NotEqual(0UL, sum);
    }

    private static ulong Use(PinnedMemory memory)
    {
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x7000));
        _ = view.TryRead(PhysicalAddress.Create(0x7010), out ulong value);
        _ = view.TryRead(PhysicalAddress.Create(0x6FF8), out _);
        _ = view.TryCompareExchange(PhysicalAddress.Create(0x7018), value, value, out ulong prior);
        return value + prior + memory.Span(0, 8)[0];
    }

    private static PinnedMemory Numbered()
    {
        PinnedMemory memory = PinnedMemory.Allocate(Bytes);
        for (int offset = 0; offset < (int)Bytes; offset += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(memory.Span((ulong)offset, 8), (ulong)offset);
        }

        return memory;
    }
}
