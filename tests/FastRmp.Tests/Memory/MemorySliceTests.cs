using System;
using System.IO;
using System.Runtime.CompilerServices;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed unsafe class MemorySliceTests
{
    [Theory]
    [InlineData(0UL, 0x1000UL)]
    [InlineData(0x1000UL, 0x2000UL)]
    [InlineData(0x3000UL, 0x1000UL)]
    [InlineData(0UL, 0x4000UL)]
    public void A_part_is_the_same_bytes(ulong offset, ulong bytes)
    {
        using PinnedMemory block = PinnedMemory.Allocate(0x4000);
        using PinnedMemory part = block.Slice(offset, bytes);
        Assert.Equal((bytes, false), (part.Length, part.IsReadOnly));
        Assert.True(part.Pointer == block.Pointer + offset);
        part.Span(bytes - 1, 1)[0] = 7;
        Assert.Equal(7, block.ReadOnlySpan(offset + bytes - 1, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = part.Span(bytes, 1); });
        Assert.False(part.View(default).TryRead(PhysicalAddress.Create(bytes), out _));
    }

    [Theory]
    [InlineData(1UL, 0x1000UL, "offset")]
    [InlineData(0x800UL, 0x3800UL, "offset")]
    [InlineData(0UL, 0UL, "bytes")]
    [InlineData(0x4000UL, 0UL, "bytes")]
    [InlineData(0UL, 0x800UL, "bytes")]
    [InlineData(0x1000UL, 0x1001UL, "bytes")]
    [InlineData(0UL, 0x5000UL, "bytes")]
    [InlineData(0x4000UL, 0x1000UL, "bytes")]
    [InlineData(0x5000UL, 0x1000UL, "bytes")]
    [InlineData(0x1000UL, 0xFFFF_FFFF_FFFF_F000UL, "bytes")]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0x2000UL, "bytes")]
    public void A_part_that_is_none_is_refused(ulong offset, ulong bytes, string parameter)
    {
        using PinnedMemory block = PinnedMemory.Allocate(0x4000);
        Assert.Equal(parameter, Assert.ThrowsAny<ArgumentException>(() => block.Slice(offset, bytes)).ParamName);
    }

    [Fact]
    public void The_end_of_a_block_ends_its_parts_and_theirs_but_not_the_other_way_round()
    {
        PinnedMemory block = PinnedMemory.Reserve(0x4000);
        PinnedMemory part = block.Slice(0x1000, 0x3000);
        PinnedMemory inner = part.Slice(0x1000, 0x2000);
        PinnedMemory other = block.Slice(0, 0x1000);
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = other.Span(0, 1); });
        inner.Span(0, 1)[0] = 9;
        Assert.Equal(9, block.ReadOnlySpan(0x2000, 1)[0]);
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = part.Span(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => { _ = inner.ReadOnlySpan(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => { _ = inner.View(default); });
        Assert.Throws<ObjectDisposedException>(() => (nint)inner.Pointer);
        Assert.Throws<ObjectDisposedException>(() => part.Slice(0, 0x1000));
        Assert.Throws<ObjectDisposedException>(() => block.Slice(0, 0x1000));
    }

    [Fact]
    public void A_part_of_a_read_only_file_is_read_only_and_may_be_its_odd_end()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[0x1803]);
            using PinnedMemory file = PinnedMemory.OpenFile(path);
            using PinnedMemory end = file.Slice(0x1000, 0x803);
            Assert.Equal((0x803UL, true), (end.Length, end.IsReadOnly));
            Assert.Throws<InvalidOperationException>(() => { _ = end.Span(0, 1); });
            Assert.Throws<ArgumentOutOfRangeException>("bytes", () => file.Slice(0x1000, 0x802));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Parts_and_views_keep_what_they_show()
    {
        (WeakReference Block, PinnedMemory Part, WeakReference Viewed, PinnedMemoryView View) kept = Make();
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(kept.Block.IsAlive && kept.Viewed.IsAlive);
        Assert.Equal(3, kept.Part.ReadOnlySpan(0, 1)[0]);
        Assert.True(kept.View.TryRead(PhysicalAddress.Create(0x1000), out ulong value));
        Assert.Equal(4UL, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference, PinnedMemory, WeakReference, PinnedMemoryView) Make()
    {
        PinnedMemory block = PinnedMemory.Allocate(0x2000);
        block.Span(0x1000, 1)[0] = 3;
        PinnedMemory viewed = PinnedMemory.Allocate(0x1000);
        viewed.Span(0, 1)[0] = 4;
        return (
            new WeakReference(block), block.Slice(0x1000, 0x1000), new WeakReference(viewed), viewed.View(PhysicalAddress.Create(0x1000)));
    }
}
