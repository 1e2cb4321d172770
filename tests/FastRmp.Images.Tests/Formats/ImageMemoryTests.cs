using System;
using System.IO;
using System.Threading;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>The memory of an image: little or nothing is allocated, and threads do not see each other's pages.</summary>
public class ImageMemoryTests
{
    private const int PageBytes = 4096;
    private const int Pages = 6000; // more than the cache has room for

    [Theory]
    [InlineData("qemu/core.elf.zst")]
    [InlineData("makedumpfile/zstd-d31.kdump.zst")]
    [InlineData("makedumpfile/elf-d31.flat.zst")]
    [InlineData("lime/avml-v2-compressed.avml.zst")]
    public void A_translation_allocates_nothing(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        ImageProcessor processor = image.Processor(0, new PagingOptions { Root = new Cr3(SharedImages.Cr3OfProcessor0) });
        VirtualAddress address = new(0xFFFF_8ECA_0010_0000UL);
        Allocations.RequireNone(() =>
            Assert.True(processor.Translate(address, MemoryAccess.KernelRead).Address.Value == 0x10_0000UL));
    }

    [Theory]
    [InlineData("lzo", 0)]
    [InlineData("zstd", 0)]
    [InlineData("snappy", 128)] // what its library allocates for a block
    [InlineData("zlib", 512)] // the stream that .NET makes for a page
    public void Pages_that_push_each_other_out_of_the_cache_allocate_little_or_nothing(string codec, long most)
    {
        using MemoryImage image = Large(codec);
        ulong next = 0;
        Read();
        const int Rounds = 40;
        long allocated = Allocations.Least(() => Allocations.Of(() =>
        {
            for (int round = 0; round < Rounds; round++) Read();
        }));
        Assert.InRange(allocated, 0, most * Rounds * 100);

        void Read()
        {
            ImageMemoryView view = image.Memory.View();
            for (int count = 0; count < 100; count++, next += 7)
            {
                ulong page = next % Pages;
                PhysicalAddress at = PhysicalAddress.Create((page * PageBytes) + 8);
                Assert.True(view.TryRead(at, out ulong value) && value == (page << 12 | 0x63));
            }
        }
    }

    [Fact]
    public void Threads_that_share_a_cache_read_what_is_right()
    {
        using MemoryImage image = Large("zlib", "snappy");
        int wrong = 0;
        Thread[] threads = new Thread[4];
        using Barrier start = new(threads.Length);
        for (int thread = 0; thread < threads.Length; thread++)
        {
            int seed = thread;
            threads[thread] = new Thread(() =>
            {
                Random random = new(seed);
                ImageMemoryView view = image.Memory.View();
                byte[] bytes = new byte[16];
                start.SignalAndWait();
                for (int round = 0; round < 15_000; round++)
                {
                    // Neighbours in the cache's sets, so that pages are pushed out while they are read.
                    ulong page = (ulong)random.Next(Pages);
                    PhysicalAddress at = PhysicalAddress.Create((page * PageBytes) + 8);
                    bool isRight = view.TryRead(at, out ulong value) && value == (page << 12 | 0x63)
                        && image.Memory.Read(PhysicalAddress.Create((page * PageBytes) + 4088), bytes.AsSpan(0, 8)) == 8
                        && BitConverter.ToUInt64(bytes) == (page << 12 | 0x63);
                    if (!isRight) Interlocked.Increment(ref wrong);
                }
            });
            threads[thread].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_view_of_nothing_holds_nothing()
    {
        ImageMemoryView view = default;
        Assert.False(view.TryRead(PhysicalAddress.Create(0), out ulong value));
        Assert.Equal(0UL, value);
        view.Prefetch(PhysicalAddress.Create(0x1000));
    }

    [Fact]
    public void After_disposal_reads_are_refused()
    {
        MemoryImage image = SharedImages.Open("makedumpfile/zstd-d31.kdump.zst");
        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() => image.Memory.Read(PhysicalAddress.Create(SharedImages.SwapperRoot), new byte[8]));
    }

    // Every page has its number in every word; one in 16 is compressed with the first codec.
    private static MemoryImage Large(string codec, string? other = null)
    {
        KdumpBuilder builder = new() { Pages = Pages };
        for (int number = 0; number < Pages; number++)
        {
            byte[] page = new byte[PageBytes];
            for (int at = 0; at < PageBytes; at += 8)
            {
                BitConverter.TryWriteBytes(page.AsSpan(at), ((ulong)number << 12) | 0x63);
            }

            builder.Add(number, page, number % 16 == 0 ? codec : other ?? codec);
        }

        return MemoryImage.Read(ImageFile.Read(new MemoryStream(builder.Build()), "in"));
    }
}
