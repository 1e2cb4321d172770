using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Codecs;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>Small images of every format, right and wrong.</summary>
public class ReaderTests
{
    private const int PageBytes = 4096;

    [Fact]
    public void Pages_of_every_compression_are_read_whole_flattened_and_in_parts()
    {
        Random random = new(3);
        string[] codecs = ["", "zlib", "lzo", "snappy", "zstd"];
        byte[][] pages = new byte[20][];
        for (int index = 0; index < pages.Length; index++)
        {
            pages[index] = PackedPages.Page(random, index % 6);
        }

        using MemoryImage whole = Open(Builder(codecs, pages).Build());
        Check(whole, pages);
        foreach (int pieces in (ReadOnlySpan<int>)[1, 2, 7, 40])
        {
            using MemoryImage flat = Open(KdumpBuilder.Flatten(Builder(codecs, pages).Build(), pieces));
            Assert.True(flat.Description.IsFlattened);
            Check(flat, pages);
        }

        KdumpBuilder low = Builder(codecs, pages);
        low.Split = (0, 21);
        KdumpBuilder high = Builder(codecs, pages);
        high.Split = (21, 64);
        using TemporaryFile first = new(low.Build());
        using TemporaryFile second = new(high.Build());
        using MemoryImage split = MemoryImage.Open([second.Path, first.Path]);
        Check(split, pages);
    }

    [Fact]
    public void A_dump_whose_descriptors_are_empty_has_lost_pages()
    {
        byte[] dump = new KdumpBuilder { Status = 8 }.Add(3, new byte[PageBytes], "lzo").Add(5, new byte[PageBytes], "zlib").Build();
        dump.AsSpan((4 * PageBytes) + 24, 24).Clear();
        using MemoryImage image = Open(dump);
        Assert.True(image.Description.IsIncomplete);
        Assert.Equal(ImagePageStatus.Present, image.Memory.StatusOf(PhysicalAddress.Create(3 * PageBytes)));
        Assert.Equal(ImagePageStatus.Lost, image.Memory.StatusOf(PhysicalAddress.Create(5 * PageBytes)));
        Assert.Equal(new ImageByteCounts(PageBytes, 0, PageBytes, 0), image.Memory.Count());
    }

    [Fact]
    public void A_page_that_cannot_be_decompressed_is_not_read_and_the_others_are()
    {
        byte[] table = PackedPages.Page(new Random(1), 3);
        byte[] dump = new KdumpBuilder().Add(3, table, "zlib").Add(5, table, "zlib").Build();
        dump[(4 * PageBytes) + 48 + 40] ^= 0x10;
        using MemoryImage image = Open(dump);
        byte[] page = new byte[PageBytes];
        Assert.Equal(0, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), page));
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(5 * PageBytes), page));
        ImageMemoryView view = image.Memory.View();
        Assert.False(view.TryRead(PhysicalAddress.Create(3 * PageBytes), out ulong value));
        Assert.Equal(0UL, value);
    }

    [Fact]
    public void Records_that_run_backwards_are_put_in_order_and_the_later_one_counts()
    {
        List<FlattenedPiece> records = [new(0, 100, 1000), new(50, 10, 2000), new(200, 50, 3000), new(90, 120, 4000), new(0, 10, 500)];
        FlattenedPiece[] pieces = FlattenedOrder.Apart(records);
        Random random = new(4);
        byte[] owner = Reference(records);
        foreach (FlattenedPiece piece in pieces)
        {
            for (ulong at = piece.Start; at < piece.End; at++)
            {
                FlattenedPiece record = records[owner[at] - 1];
                Assert.Equal(record.Position + (at - record.Start), piece.Position + (at - piece.Start));
                owner[at] = 0;
            }
        }

        Assert.False(owner.AsSpan().ContainsAnyExcept((byte)0));
        for (int round = 0; round < 300; round++)
        {
            records = [];
            for (int count = random.Next(1, 30); count > 0; count--)
            {
                records.Add(new FlattenedPiece((ulong)random.Next(200), (ulong)random.Next(1, 50), (ulong)records.Count * 1000));
            }

            owner = Reference(records);
            List<FlattenedPiece> inOrder = [.. records];
            ulong last = 0;
            foreach (FlattenedPiece piece in FlattenedOrder.Apart(inOrder))
            {
                Assert.True(piece.Start >= last);
                last = piece.End;
                for (ulong at = piece.Start; at < piece.End; at++)
                {
                    FlattenedPiece record = records[owner[at] - 1];
                    Assert.Equal(record.Position + (at - record.Start), piece.Position + (at - piece.Start));
                    owner[at] = 0;
                }
            }

            Assert.False(owner.AsSpan().ContainsAnyExcept((byte)0));
        }

        static byte[] Reference(List<FlattenedPiece> records)
        {
            byte[] owner = new byte[512];
            for (int later = 0; later < records.Count; later++)
            {
                for (ulong at = records[later].Start; at < records[later].End; at++)
                {
                    if (owner[at] == 0 || records[owner[at] - 1].Position < records[later].Position) owner[at] = (byte)(later + 1);
                }
            }

            return owner;
        }
    }

    [Fact]
    public void A_cut_avml_image_keeps_the_ranges_before_the_cut()
    {
        byte[] image = AvmlBuilder.Image((0x1000, 0x2_4000), (0x10_0000, 0x1_1000));
        using (MemoryImage whole = Open(image))
        {
            Assert.Equal(0, whole.Problems.Count);
            byte[] all = new byte[0x2_4000];
            Assert.Equal(all.Length, whole.Memory.Read(PhysicalAddress.Create(0x1000), all));
            Assert.Equal(AvmlBuilder.Content(0x1000, all.Length), all);
            Assert.Equal(ImagePageStatus.Absent, whole.Memory.StatusOf(PhysicalAddress.Create(0x2_5000)));
        }

        using MemoryImage cut = Open(image[..^2000]);
        Assert.Equal(1, cut.Problems.Count);
        byte[] page = new byte[PageBytes];
        Assert.Equal(PageBytes, cut.Memory.Read(PhysicalAddress.Create(0x2_4000), page));
        Assert.Equal(ImagePageStatus.Lost, cut.Memory.StatusOf(PhysicalAddress.Create(0x11_0000)));
    }

    [Fact]
    public void A_flattened_core_is_searched_no_further_than_its_records_go()
    {
        byte[] core = new CoreBuilder().Load(0x1000, new byte[4096]).Build();
        BinaryPrimitives.WriteUInt64LittleEndian(core.AsSpan(64 + 32), 1UL << 50); // p_filesz
        BinaryPrimitives.WriteUInt64LittleEndian(core.AsSpan(64 + 40), 1UL << 50);
        byte[] flat = KdumpBuilder.Flatten(core, 3);
        byte[] far = new byte[16 + 8];
        BinaryPrimitives.WriteInt64BigEndian(far, 1L << 51);
        BinaryPrimitives.WriteInt64BigEndian(far.AsSpan(8), 8);
        using MemoryImage image = MemoryImage.Read(
            ImageFile.Read(new MemoryStream([.. flat[..^16], .. far, .. flat[^16..]]), "in"));
        Assert.True(image.Memory.TryNextRange(default, out PhysicalRange range));
        Assert.Equal(1UL << 50, range.Length);
        Assert.Null(image.FindVmCoreInfo(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_range_of_AVML_that_holds_less_than_it_says_is_searched_no_further_than_it_holds()
    {
        byte[] image = AvmlBuilder.Image((0x1000, 0x2000));
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(16), (1UL << 51) - 1);
        using MemoryImage memory = MemoryImage.Read(ImageFile.Read(new MemoryStream(image), "in"));
        Assert.Null(memory.FindVmCoreInfo(TestContext.Current.CancellationToken));
        Assert.Equal(ImagePageStatus.Present, memory.Memory.StatusOf(PhysicalAddress.Create(0x2FFF)));
        Assert.Equal(ImagePageStatus.Lost, memory.Memory.StatusOf(PhysicalAddress.Create(0x3000)));
        Assert.True(memory.Memory.TryNextRange(PhysicalAddress.Create(0x3000), out PhysicalRange range));
        Assert.Equal(1UL << 51, range.End);
    }

    [Fact]
    public void A_chunk_with_a_wrong_checksum_is_damaged()
    {
        byte[] image = AvmlBuilder.Image((0x1000, 0x2000));
        image[32 + 10 + 4] ^= 1;
        using MemoryImage damaged = Open(image);
        Assert.Equal(ImagePageStatus.Present, damaged.Memory.StatusOf(PhysicalAddress.Create(0x1000)));
        Assert.Equal(0, damaged.Memory.Read(PhysicalAddress.Create(0x1000), new byte[8]));
    }

    [Fact]
    public void Xens_lists_of_frames_are_read()
    {
        byte[] file = XenBuilder.Core([5, 6, 7, ulong.MaxValue, 9], cr3: 0x6000);
        using MemoryImage image = Open(file);
        Assert.Equal((MemoryImageFormat.XenCore, 0L), (image.Description.Format, image.Problems.Count));
        Assert.Equal(0x6000UL, image.Cpus[0].Control.Cr3.Value);
        ImageMemoryView view = image.Memory.View();
        foreach ((ulong frame, ulong expected) in (ReadOnlySpan<(ulong, ulong)>)[(5, 0), (6, 1), (7, 2), (9, 4)])
        {
            Assert.True(view.TryRead(PhysicalAddress.Create(frame * PageBytes), out ulong value));
            Assert.Equal(expected + 1, value);
        }

        Assert.False(view.TryRead(PhysicalAddress.Create(8 * PageBytes), out _));
    }

    [Fact]
    public void A_layout_in_words_is_read_or_refused()
    {
        Assert.True(RamLayout.TryParse("0-9fff,100000-1fffff@20000", out RamLayout? layout));
        MemorySegment[] pieces = layout.Pieces("in", 0);
        Assert.Equal(
            [
                new MemorySegment(PhysicalAddress.Create(0), 0, 0xA000),
                new MemorySegment(PhysicalAddress.Create(0x10_0000), 0x2_0000, 0x10_0000),
            ],
            pieces);
        foreach (string wrong in (string[])["", "x", "5-4", "0-fff@", "0-fff@1@2", "0-ffffffffffffffff", "0-fffffffffffff1"])
        {
            Assert.False(RamLayout.TryParse(wrong, out _), wrong);
        }

        using MemoryStream listing = new([.. "00001000-00001fff : System RAM\n00004000-00005fff : System RAM\n"u8]);
        RamLayout machine = RamLayout.FromListing(IomemListing.Read(listing, "iomem"));
        Assert.Equal(new MemorySegment(default, 0, 0x6000), Assert.Single(machine.Pieces("in", 0x6000)));
        Assert.Equal(2, machine.Pieces("in", 0x3000).Length);
        Assert.Throws<MalformedInputException>(() => machine.Pieces("in", 0x5000 - 8));
    }

    [Fact]
    public void A_layout_file_is_one_of_two_kinds_or_refused()
    {
        using TemporaryFile table = new("# start end offset\n0x0 0x1000 0x0\n100000 101000 1000 # the rest\n"u8);
        Assert.Equal(2, RamLayout.Open(table.Path).Pieces("in", 0).Length);
        foreach (string wrong in (string[])["", "# nothing\n", "0 1000 0\nx\n", "1000 0 0\n", "hello\n"])
        {
            using TemporaryFile file = new(System.Text.Encoding.ASCII.GetBytes(wrong));
            Assert.Throws<MalformedInputException>(() => RamLayout.Open(file.Path));
        }
    }

    private static KdumpBuilder Builder(string[] codecs, byte[][] pages)
    {
        KdumpBuilder builder = new();
        for (int index = 0; index < pages.Length; index++)
        {
            builder.Add(2 + (3 * index), pages[index], codecs[index % codecs.Length]);
        }

        builder.Excluded.Add(3);
        return builder;
    }

    private static void Check(MemoryImage image, byte[][] pages)
    {
        Assert.Equal(0, image.Problems.Count);
        Assert.Equal("6.1.0-test", image.Description.KernelRelease);
        byte[] page = new byte[PageBytes];
        for (int index = 0; index < pages.Length; index++)
        {
            PhysicalAddress at = PhysicalAddress.Create((ulong)(2 + (3 * index)) * PageBytes);
            Assert.Equal(ImagePageStatus.Present, image.Memory.StatusOf(at));
            Assert.Equal(PageBytes, image.Memory.Read(at, page));
            Assert.Equal(pages[index], page);
        }

        Assert.Equal(ImagePageStatus.Excluded, image.Memory.StatusOf(PhysicalAddress.Create(3 * PageBytes)));
        Assert.Equal(ImagePageStatus.Absent, image.Memory.StatusOf(PhysicalAddress.Create(4 * PageBytes)));
        Assert.Equal(ImagePageStatus.Absent, image.Memory.StatusOf(PhysicalAddress.Create(1UL << 50)));
        Assert.Equal(new ImageByteCounts((ulong)pages.Length * PageBytes, PageBytes, 0, 0), image.Memory.Count());
        Assert.True(image.Memory.TryNextRange(PhysicalAddress.Create(0), out PhysicalRange range));
        Assert.Equal((2UL * PageBytes, (ulong)PageBytes), (range.Start.Value, range.Length));
    }

    private static MemoryImage Open(byte[] file) => MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "in"));
}
