using System;
using System.Runtime.InteropServices;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed unsafe class BorrowedMemoryTests : IDisposable
{
    private const ulong Bytes = 0x4000;

    private readonly byte* _ram = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 0x1000);

    public void Dispose() => NativeMemory.AlignedFree(_ram);

    [Fact]
    public void Borrowed_memory_is_the_owners_and_stays_so()
    {
        new Span<byte>(_ram, (int)Bytes).Fill(0x5A);
        PinnedMemory memory = PinnedMemory.Borrow(_ram, Bytes);
        Assert.True(memory.Pointer == _ram);
        Assert.Equal((Bytes, false), (memory.Length, memory.IsReadOnly));
        memory.Span(0x1FFF, 2).Fill(0x11);
        Assert.True(
            memory.View(PhysicalAddress.Create(0x8000))
                .TryCompareExchange(PhysicalAddress.Create(0x8000), 1, 0x5A5A_5A5A_5A5A_5A5A, out _));
        memory.Dispose();
        memory.Dispose();
        Assert.Equal((0x11, 0x11, 0x5A), (_ram[0x1FFF], _ram[0x2000], _ram[0x2001]));
        Assert.Equal(1UL, *(ulong*)_ram);
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.Span(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => (nint)memory.Pointer);
    }

    [Fact]
    public void No_memory_cannot_be_borrowed() => Assert.Throws<ArgumentNullException>("pointer", () => PinnedMemory.Borrow(null, Bytes));

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(0x800)]
    [InlineData(0xFFF)]
    public void Memory_that_begins_inside_a_page_is_refused(int offset) =>
        Assert.Throws<ArgumentException>("pointer", () => PinnedMemory.Borrow(_ram + offset, 0x1000));

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(0x1001UL)]
    [InlineData(ulong.MaxValue)]
    public void A_size_that_is_no_whole_number_of_pages_is_refused(ulong bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(bytes), () => PinnedMemory.Borrow(_ram, bytes));

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0x2000UL)]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0xFFFF_FFFF_FFFF_F000UL)]
    [InlineData(0x2000UL, 0xFFFF_FFFF_FFFF_F000UL)]
    public void Memory_beyond_the_end_of_the_address_space_is_refused(ulong address, ulong bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(bytes), () => PinnedMemory.Borrow((void*)address, bytes));

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0x1000UL)]
    [InlineData(0x1000UL, 0xFFFF_FFFF_FFFF_F000UL)]
    public void Memory_up_to_the_end_of_the_address_space_is_taken(ulong address, ulong bytes) =>
        Assert.Equal(bytes, PinnedMemory.Borrow((void*)address, bytes).Length);
}
