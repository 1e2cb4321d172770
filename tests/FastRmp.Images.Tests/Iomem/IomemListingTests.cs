using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Iomem;

public class IomemListingTests
{
    [Fact]
    public void The_real_listing_has_two_ranges_of_ram()
    {
        IomemListing listing = IomemListing.Open(Fixture.PathOf("page-trace/iomem.txt"));
        Assert.Equal([Range(0x1000, 0x9FC00), Range(0x10_0000, 0x7FFD_7000)], listing.SystemRam.ToArray());
    }

    [Fact]
    public void The_packed_listing_is_the_same()
    {
        using MemoryStream packed = new(Fixture.Gzipped(Fixture.Bytes("page-trace/iomem.txt")));
        Assert.Equal(2, IomemListing.Read(packed, "-").SystemRam.Length);
    }

    [Theory]
    // what RAM holds is RAM once
    [InlineData(
        "00001000-00001fff : System RAM\n  00001100-000011ff : Kernel code\n    00001180-0000118f : System RAM\n"
            + "  00001200-000012ff : System RAM (kmem)",
        0x1000, 0x2000)]
    [InlineData(
        "00001000-00001fff : System RAM\n00002000-00003fff : Reserved\n00004000-00004fff : System RAM reserved\n"
            + "00005000-00005fff : System RAM(x)",
        0x1000, 0x2000)]
    [InlineData("00001000-00001fff : System RAM (kmem)", 0x1000, 0x2000)]
    [InlineData("00001000-00001fff : System RAM (dax0.0)", 0x1000, 0x2000)]
    [InlineData("00001000-00001fff : System RAM \t", 0x1000, 0x2000)]
    [InlineData(
        "100000000-17fffffff : Persistent Memory\n  110000000-17fffffff : dax0.0\n    110000000-17fffffff : System RAM (kmem)",
        0x1_1000_0000, 0x1_8000_0000)]
    // before Linux 5.10
    [InlineData(
        "100000000-17fffffff : Persistent Memory\n  100000000-10fffffff : namespace0.0\n  110000000-17fffffff : dax0.0\n"
            + "    110000000-17fffffff : System RAM",
        0x1_1000_0000, 0x1_8000_0000)]
    [InlineData(
        "100000000-17fffffff : CXL Window 0\n  100000000-17fffffff : region0\n    100000000-17fffffff : dax0.0\n"
            + "      100000000-17fffffff : System RAM (kmem)",
        0x1_0000_0000, 0x1_8000_0000)]
    [InlineData(
        "140000000-17fffffff : virtio0\n  140000000-147ffffff : System RAM (virtio_mem)\n  148000000-14fffffff : System RAM (virtio_mem)",
        0x1_4000_0000, 0x1_5000_0000)]
    [InlineData(
        "140000000-17fffffff : virtio0\n\t140000000-147ffffff : System RAM (virtio_mem)\n\t148000000-14fffffff : System RAM (virtio_mem)",
        0x1_4000_0000, 0x1_5000_0000)]
    [InlineData("> 00001000-00001fff : System RAM\n>   00001100-000011ff : Kernel code\n> 00002000-00002fff : System RAM", 0x1000, 0x3000)]
    [InlineData(
        "> > 00001000-00001fff : System RAM\n> >   00001100-000011ff : System RAM\n>> 00002000-00002fff : System RAM", 0x1000, 0x3000)]
    // pasted with an indent
    [InlineData("  00001000-00001fff : System RAM\n    00001100-000011ff : Kernel code\n  00002000-00002fff : System RAM", 0x1000, 0x3000)]
    [InlineData("\u00EF\u00BB\u00BF00001000-00001fff : System RAM", 0x1000, 0x2000)]
    public void Whatever_driver_gave_it_RAM_is_RAM_and_counts_once(string text, ulong start, ulong end) =>
        Assert.Equal([Range(start, end)], Read(text));

    [Fact]
    public void Order_line_ends_case_and_empty_lines_do_not_matter()
    {
        string text = "100000000-1FFFFFFFF : System RAM\r\n\r\n00001000-00001fff : System RAM\r\n   \r\n00003000-00003fff : System RAM\r\n";
        Assert.Equal([Range(0x1000, 0x2000), Range(0x3000, 0x4000), Range(0x1_0000_0000, 0x2_0000_0000)], Read(text));
    }

    [Theory]
    [InlineData("00001000-00001fff : System RAM\n00002000-00002fff : System RAM", 0x1000, 0x3000)]
    [InlineData(
        "c61de018-c61ee057 : System RAM\nc61ddc58-c61de017 : System RAM\nc61ee058-c6612fff : System RAM\n00100000-c61ce017 : System RAM\n"
            + "c61ce018-c61ddc57 : System RAM",
        0x10_0000, 0xC661_3000)]
    [InlineData(
        "00001000-00001007 : System RAM\n00001008-00001008 : System RAM\n  00001008-00001008 : Kernel data\n00001009-00001fff : System RAM",
        0x1000, 0x2000)]
    public void Ranges_that_touch_are_one(string text, ulong start, ulong end) => Assert.Equal([Range(start, end)], Read(text));

    [Fact]
    public void Ranges_with_something_else_or_a_byte_between_them_are_two()
    {
        Assert.Equal(
            [Range(0x1000, 0x1800), Range(0x1801, 0x2000)], Read("00001000-000017ff : System RAM\n00001801-00001fff : System RAM"));
        Assert.Equal(
            [Range(0x1000, 0x1800), Range(0x1810, 0x2000)],
            Read("00001000-000017ff : System RAM\n00001800-0000180f : ACPI Tables\n00001810-00001fff : System RAM"));
    }

    [Fact]
    public void Ram_may_reach_the_end_of_the_physical_address_space()
    {
        PhysicalRange[] ranges = Read("0000000000000000-000fffffffffffff : System RAM");
        Assert.Equal(1UL << 52, ranges[0].End);
    }

    [Theory]
    [InlineData("garbage", 1)]
    [InlineData("00001000-00001fff : System RAM\n0000zzzz-00002fff : Reserved", 2)]
    [InlineData("00001000-00001fff: System RAM", 1)]
    [InlineData("00001000-00001fff :System RAM", 1)]
    [InlineData("00001000 : System RAM", 1)]
    [InlineData("00001000- : System RAM", 1)]
    [InlineData("-00001fff : System RAM", 1)]
    [InlineData("0x1000-0x1fff : System RAM", 1)]
    [InlineData("11112222333344445-11112222333344446 : System RAM", 1)]
    [InlineData("00001000-00001fff", 1)]
    public void A_line_of_another_form_is_named(string text, int line)
    {
        MalformedInputException problem = Refused(text);
        Assert.Equal(line, problem.Line);
        Assert.Equal($"in: line {line}: is not of the form START-END : NAME", problem.Message);
    }

    [Theory]
    [InlineData("00002000-00001fff : Reserved", 1, "ends at 0x1fff, below its start 0x2000")]
    [InlineData("00001000-10000000000000 : System RAM", 1, "52-bit")]
    [InlineData("00001000-00001fff : System RAM\n00000000-00001000 : System RAM", 2, "overlaps")]
    [InlineData("00001000-00001fff : System RAM\n00001000-00001fff : System RAM", 2, "overlaps")]
    [InlineData("00000000-00000fff : Reserved\n  00001000-00001fff : System ROM", 2, "without one System RAM")]
    [InlineData("00001000-00003fff : System RAM\n00005000-00005fff : dax0.0\n  00002000-00002fff : System RAM (kmem)", 3, "overlaps")]
    [InlineData("\n\n", 1, "zero")]
    public void A_listing_that_cannot_be_is_named(string text, int line, string reason)
    {
        MalformedInputException problem = Refused(text);
        Assert.Equal(line, problem.Line);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_read_without_root_says_so()
    {
        string text =
            "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n"
                + "00000000-00000000 : System RAM\n";
        Assert.Contains("without root", Refused(text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_binary_and_endless_inputs_are_refused()
    {
        Assert.Equal("in: the file is empty", Refused("").Message);
        Assert.Equal(1, Refused("\0\0\0").Line);
        Assert.Contains("longer than", Refused(new string('0', 2 << 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_packed_listing_is_refused()
    {
        byte[] packed = Fixture.Gzipped(Fixture.Bytes("page-trace/iomem.txt"));
        MalformedInputException cut = Assert.Throws<MalformedInputException>(
            () => IomemListing.Read(new MemoryStream(packed[..^20]), "in"));
        Assert.NotNull(cut.Offset);
    }

    [Fact]
    public void Damaged_listings_give_ordered_ranges_or_a_refusal()
    {
        byte[] original = Fixture.Bytes("page-trace/iomem.txt");
        Mutator mutator = new(seed: 22);
        int read = 0;
        for (int round = 0; round < 10_000; round++)
        {
            byte[] damaged = mutator.Mutate(original, head: 200);
            try
            {
                ReadOnlySpan<PhysicalRange> ranges = IomemListing.Read(new MemoryStream(damaged), "in").SystemRam;
                ulong end = 0;
                foreach (PhysicalRange range in ranges)
                {
                    Assert.True(range.Length != 0 && range.Start.Value >= end && range.End <= 1UL << 52);
                    end = range.End;
                }

                read++;
            }
            catch (MalformedInputException refusal)
            {
                Assert.StartsWith("in: ", refusal.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(read, 500, 9500);
    }

    private static PhysicalRange Range(ulong start, ulong end) => new(PhysicalAddress.Create(start), end - start);

    private static PhysicalRange[] Read(string text) =>
        IomemListing.Read(new MemoryStream(Encoding.Latin1.GetBytes(text)), "in").SystemRam.ToArray();

    private static MalformedInputException Refused(string text) => Assert.Throws<MalformedInputException>(() => Read(text));
}
