using System;
using System.IO;
using FastRmp.Images.Tests.Codecs;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>What holds the bitmaps and descriptors of a kdump against each other: a wrong bit never gives a page the content of another
/// one without a word.</summary>
public class KdumpCheckTests
{
    private const int PageBytes = 4096;
    private const int FirstBitmap = 2 * PageBytes;
    private const int SecondBitmap = 3 * PageBytes;
    private const int Descriptors = 4 * PageBytes;

    public static TheoryData<string> Kinds => ["plain", "codecs", "zero page", "incomplete", "part"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_wrong_bit_of_the_second_bitmap_is_noticed(string kind)
    {
        byte[] dump = Dump(kind);
        (ulong first, ulong end) = kind == "part" ? (0UL, 8UL) : (0UL, 64UL);
        using (MemoryImage right = Open(dump))
        {
            Assert.DoesNotContain(
                right.Problems.First.ToArray(), static problem => problem.Reason.Contains("agree", StringComparison.Ordinal));
        }

        for (ulong page = first; page < end; page++)
        {
            byte[] wrong = [.. dump];
            wrong[SecondBitmap + (int)(page / 8)] ^= (byte)(1 << (int)(page % 8));
            using MemoryImage image = Open(wrong);
            Assert.Contains(
                image.Problems.First.ToArray(),
                static problem => problem.Reason.StartsWith("bitmap and page descriptors do not agree", StringComparison.Ordinal));
            Assert.Equal(0UL, image.Memory.Count().Held);
            Assert.NotEqual(0UL, image.Memory.Count().Damaged);
            Assert.Equal(0, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), new byte[8]));
        }
    }

    [Fact]
    public void Wrong_bits_of_real_dumps_are_noticed_and_the_dumps_are_right()
    {
        Random random = new(31);
        foreach (string name in (string[])["zlib-d31", "zstd-d0", "plain-d31", "incomplete-disk-full", "split-1"])
        {
            byte[] dump = Unpacked($"makedumpfile/{name}.kdump.zst");
            using (MemoryImage right = Open(dump))
            {
                Assert.DoesNotContain(
                    right.Problems.First.ToArray(), static problem => problem.Reason.Contains("agree", StringComparison.Ordinal));
            }

            const int Bitmap = (3 * PageBytes) + (0x42000 / 2);
            for (int turn = 0; turn < 12; turn++)
            {
                bool isLow = turn % 2 == 0 || name == "split-1"; // the other half of memory, above 4 GiB, is the other part's
                int at = Bitmap + random.Next(0x1000) + (isLow ? 0 : 0x2_0000);
                dump[at] ^= (byte)(1 << (turn % 8));
                using MemoryImage image = Open(dump);
                Assert.True(image.Problems.Any, $"{name}: bit {turn % 8} at 0x{at:x}");
                Assert.Equal(0UL, image.Memory.Count().Held);
                dump[at] ^= (byte)(1 << (turn % 8));
            }
        }
    }

    [Fact]
    public void A_page_that_the_machine_has_not_is_reported_and_read()
    {
        byte[] dump = Dump("codecs");
        dump[FirstBitmap] ^= 1 << 3;
        using MemoryImage image = Open(dump);
        Assert.Contains(
            "the bitmaps do not agree: the dump has the page at 0x3000", image.Problems.First[0].Reason, StringComparison.Ordinal);
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), new byte[PageBytes]));
    }

    [Theory]
    [InlineData(0, 0UL, "Damaged")] // data in the header
    [InlineData(0, 0x4018UL, "Damaged")] // among the descriptors
    [InlineData(0, 0x7FFF_FFFFUL, "Lost")] // behind the file
    [InlineData(8, 0UL, "Damaged")]
    [InlineData(8, 0x1_0000UL, "Damaged")]
    [InlineData(12, 3UL, "Damaged")]
    public void A_wrong_descriptor_costs_its_page_and_no_other(int at, ulong value, string status)
    {
        byte[] dump = Dump("codecs");
        Span<byte> descriptor = dump.AsSpan(Descriptors + 24);
        if (at == 0) System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(descriptor, value);
        else System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(descriptor[at..], (uint)value);
        using MemoryImage image = Open(dump);
        Assert.Equal(status, image.Memory.StatusOf(PhysicalAddress.Create(3 * PageBytes)).ToString());
        Assert.Equal(0, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), new byte[8]));
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(2 * PageBytes), new byte[PageBytes]));
        ImageByteCounts counts = image.Memory.Count();
        Assert.Equal((4UL * PageBytes, (ulong)PageBytes), (counts.Held, counts.Lost + counts.Damaged));
        Assert.Equal(status == "Lost", counts.Lost != 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_dump_that_was_cut_says_so_wherever_the_cut_is(string kind)
    {
        byte[] dump = Dump(kind);
        for (int length = Descriptors; length < dump.Length; length += 61)
        {
            using MemoryImage image = Open(dump[..length]);
            Assert.Contains(
                image.Problems.First.ToArray(),
                problem => problem.Reason.StartsWith("the dump is cut short: the file ends here", StringComparison.Ordinal)
                    || (kind == "incomplete" && problem.Reason.StartsWith("the dump is incomplete", StringComparison.Ordinal)));
            Assert.NotEqual(0UL, image.Memory.Count().Lost);
            Assert.Equal(0UL, image.Memory.Count().Damaged);
        }
    }

    [Fact]
    public void A_dump_whose_writer_was_stopped_is_read_as_far_as_it_goes()
    {
        byte[] dump = Dump("codecs");
        dump.AsSpan(Descriptors + (3 * 24), 48).Clear();
        using MemoryImage image = Open(dump);
        Assert.StartsWith(
            "the dump is incomplete: its last page descriptors are empty", Assert.Single(image.Problems.First.ToArray()).Reason,
            StringComparison.Ordinal);
        Assert.Equal(new ImageByteCounts(3 * PageBytes, 0, 2 * PageBytes, 0), image.Memory.Count());
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), new byte[PageBytes]));
    }

    [Fact]
    public void A_flattened_dump_that_was_cut_is_read_as_far_as_it_goes()
    {
        // The writer has a buffer for the descriptors and one for the data: the last descriptors come behind data.
        byte[] dump = Dump("codecs");
        const int Written = Descriptors + (4 * 24);
        byte[] flat = KdumpBuilder.Flatten(dump.AsSpan(0, Written), 1)[..^16];
        byte[] rest = KdumpBuilder.Flatten(dump.AsSpan(Written + 24), 1)[(PageBytes + 16 + dump.Length - Written - 24)..^16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(rest, Written + 24);
        using MemoryImage image = Open([.. flat, .. rest]);
        Assert.Contains("ends without its end mark", Assert.Single(image.Problems.First.ToArray()).Reason, StringComparison.Ordinal);
        Assert.Equal(new ImageByteCounts(4 * PageBytes, 0, PageBytes, 0), image.Memory.Count());
        Assert.Equal(ImagePageStatus.Lost, image.Memory.StatusOf(PhysicalAddress.Create(40 * PageBytes)));
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(9 * PageBytes), new byte[PageBytes]));
    }

    [Fact]
    public void Each_part_of_a_split_dump_is_believed_about_its_own_pages()
    {
        byte[] low = Dump("part");
        byte[] high = Dump("other part");
        using TemporaryFile second = new(high);
        low[SecondBitmap + 1] ^= 1 << 1; // page 9, of the other part
        using TemporaryFile first = new(low);
        using MemoryImage image = MemoryImage.Open([first.Path, second.Path]);
        InputProblem problem = Assert.Single(image.Problems.First.ToArray());
        Assert.Contains("do not agree on the page at 0x9000", problem.Reason, StringComparison.Ordinal);
        Assert.Equal(second.Path, problem.File);
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(9 * PageBytes), new byte[PageBytes]));
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(3 * PageBytes), new byte[PageBytes]));
    }

    [Fact]
    public void A_wrong_part_does_not_cost_the_other()
    {
        byte[] low = Dump("part");
        low[SecondBitmap] ^= 1 << 3;
        using TemporaryFile first = new(low);
        using TemporaryFile second = new(Dump("other part"));
        using MemoryImage image = MemoryImage.Open([first.Path, second.Path]);
        Assert.True(image.Problems.Any);
        Assert.Equal(ImagePageStatus.Damaged, image.Memory.StatusOf(PhysicalAddress.Create(2 * PageBytes)));
        Assert.Equal(PageBytes, image.Memory.Read(PhysicalAddress.Create(9 * PageBytes), new byte[PageBytes]));
    }

    [Fact]
    public void Notes_that_are_not_where_the_header_says_are_reported()
    {
        byte[] dump = SmallImages.Of("kdump");
        dump[PageBytes + 32] ^= 0x80;
        using MemoryImage image = Open(dump);
        Assert.Null(image.VmCoreInfo);
        Assert.Contains(
            image.Problems.First.ToArray(),
            static problem => problem.Reason.StartsWith("the kernel's notes (VMCOREINFO), 0x", StringComparison.Ordinal));
    }

    private static byte[] Dump(string kind)
    {
        byte[] page = PackedPages.Page(new Random(8), 3);
        byte[] zero = new byte[PageBytes];
        string[] codecs = kind is "plain" ? ["", "", "", "", ""] : ["zlib", "lzo", "snappy", "zstd", ""];
        KdumpBuilder builder = new() { Status = kind == "incomplete" ? 8U : 0 };
        if (kind == "part") builder.Split = (0, 8);
        if (kind == "other part") builder.Split = (8, 64);
        int[] numbers = [2, 3, 5, 9, 40];
        for (int index = 0; index < numbers.Length; index++)
        {
            builder.Add(numbers[index], kind == "zero page" && index is 0 or 2 ? zero : page, codecs[index]);
        }

        byte[] dump = builder.Build();
        if (kind == "incomplete") dump.AsSpan(Descriptors + (4 * 24), 24).Clear();
        return dump;
    }

    private static byte[] Unpacked(string name)
    {
        using InputStream stream = InputStream.Open(SharedImages.PathOf(name));
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static MemoryImage Open(byte[] bytes)
    {
        using MemoryStream stream = new(bytes, writable: false);
        return MemoryImage.Read(ImageFile.Read(stream, "dump"));
    }
}
