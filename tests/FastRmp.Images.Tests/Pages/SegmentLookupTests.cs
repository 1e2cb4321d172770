using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Pages;

/// <summary>Where the segments of a core lie is looked up by the upper bits of an address: the answers are those of a search through
/// all.</summary>
public class SegmentLookupTests
{
    private const int PageBytes = 4096;

    /// <summary>How many segments, how far they may lie apart at most, and the bytes that their starts and sizes are multiples
    /// of.</summary>
    public static TheoryData<int, ulong, int> Layouts => new()
    {
        { 1, 0x1000, PageBytes },
        { 3, 0x10_0000_0000, PageBytes },
        { 40, 0x2000, PageBytes },
        { 700, 0x3000, PageBytes }, // more than one a stretch
        { 60, 0x40, 8 }, // all in the first stretch
        { 50, 0x3000, 1 }, // words that hang over the ends
        { 5, 1UL << 48, PageBytes },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_word_is_found_where_a_search_through_all_segments_finds_it(int count, ulong apart, int unit)
    {
        Random random = new(count);
        CoreBuilder core = new();
        List<(ulong Start, byte[] Content)> segments = [];
        ulong next = 0;
        for (int index = 0; index < count; index++)
        {
            next += (ulong)random.NextInt64((long)(apart / (ulong)unit)) * (ulong)unit;
            byte[] content = new byte[random.Next(1, 9) * unit];
            random.NextBytes(content);
            segments.Add((next, content));
            core.Load(next, content);
            next += (ulong)content.Length;
        }

        byte[] file = core.Build();
        using MemoryImage mapped = MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "in"));
        using TemporaryFile temporary = new(file);
        using MemoryImage opened = MemoryImage.Open(temporary.Path);
        foreach ((ulong start, byte[] content) in segments)
        {
            for (int round = 0; round < 20; round++)
            {
                // Around both ends and within, aligned or not.
                ulong at = start + (ulong)content.Length - 12 + (ulong)random.Next(24);
                if (round % 3 == 0) at = start - 12 + (ulong)random.Next(24);
                if (round % 3 == 1) at = start + (ulong)random.Next(content.Length);
                at &= PhysicalAddress.ValidMask;
                RequireSame(segments, mapped, at);
                RequireSame(segments, opened, at);
            }
        }

        RequireSame(segments, mapped, PhysicalAddress.ValidMask);
    }

    [Fact]
    public void A_view_of_a_disposed_image_is_refused()
    {
        MemoryImage image = MemoryImage.Read(
            ImageFile.Read(new MemoryStream(new CoreBuilder().Load(0x1000, new byte[PageBytes]).Build()), "in"));
        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = image.Memory.View();
        });
        Assert.Throws<ObjectDisposedException>(() => image.Memory.StatusOf(PhysicalAddress.Create(0x1000)));
        Assert.Throws<ObjectDisposedException>(() => image.Memory.TryNextRange(default, out _));
        Assert.Throws<ObjectDisposedException>(() => image.Memory.Count());
    }

    [Fact]
    public void A_translation_over_several_segments_allocates_nothing()
    {
        // The top table in the first segment, the next in the longest, the others behind it.
        CoreBuilder core = new();
        core.Load(0x1000, Table(0x10_0000)).Load(0x10_0000, [.. Table(0x80_0000), .. new byte[PageBytes]]);
        core.Load(0x80_0000, Table(0x90_0000)).Load(0x90_0000, Table(0x1234_5000));
        using MemoryImage image = MemoryImage.Read(ImageFile.Read(new MemoryStream(core.Build()), "in"));
        ImageProcessor processor = image.Processor(0, new PagingOptions { Root = new Cr3(0x1000) });
        VirtualAddress address = new(0x678);
        Allocations.RequireNone(() =>
        {
            ImageMemoryView view = image.Memory.View();
            WalkResult result = PageWalker.Translate(ref view, processor.PagingState, address, MemoryAccess.KernelRead);
            Assert.True(result.IsMapped && result.Address.Value == 0x1234_5678UL);
            Assert.True(processor.Translate(address, MemoryAccess.KernelRead).Address.Value == 0x1234_5678UL);
        });
    }

    private static byte[] Table(ulong first)
    {
        byte[] page = new byte[PageBytes];
        BitConverter.TryWriteBytes(page, first | 3);
        return page;
    }

    private static void RequireSame(List<(ulong Start, byte[] Content)> segments, MemoryImage image, ulong at)
    {
        ulong expected = 0;
        bool isThere = true;
        for (int index = 0; index < 8 && isThere; index++)
        {
            isThere = TryByte(segments, at + (ulong)index, out byte value);
            expected |= (ulong)value << (8 * index);
        }

        ImageMemoryView view = image.Memory.View();
        view.Prefetch(PhysicalAddress.Create(at));
        bool isFound = view.TryRead(PhysicalAddress.Create(at), out ulong found);
        Assert.True(isFound == isThere && found == (isThere ? expected : 0), $"0x{at:x}");
        Assert.Equal(
            TryByte(segments, at, out _) ? ImagePageStatus.Present : ImagePageStatus.Absent,
            image.Memory.StatusOf(PhysicalAddress.Create(at)));
    }

    private static bool TryByte(List<(ulong Start, byte[] Content)> segments, ulong at, out byte value)
    {
        foreach ((ulong start, byte[] content) in segments)
        {
            if (at < start || at - start >= (ulong)content.Length) continue;
            value = content[at - start];
            return true;
        }

        value = 0;
        return false;
    }
}
