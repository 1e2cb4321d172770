using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text;
using System.Threading;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

public class RmpFinderTests
{
    [Fact]
    public void What_the_kernel_leaves_behind_a_message_is_not_part_of_it()
    {
        RmpLocation found = Found(new HostKernel().LogRecords("Linux version 7.3.4", HostKernel.ContiguousLog, "ccp: SEV API: 1.55"));
        Assert.Equal(RmpSource.KernelLog, found.Source);
    }

    [Fact]
    public void The_kernels_log_tells_a_contiguous_table()
    {
        RmpLocation found = Found(new HostKernel().Log("Linux version 7.3.4", HostKernel.ContiguousLog, "ccp: SEV API: 1.55"));
        Assert.Equal(RmpSource.KernelLog, found.Source);
        Assert.True(found.Geometry.TryGetContiguous(out ContiguousGeometry range));
        Assert.Equal((0x100_0000UL, 0x140_BFFFUL), (range.Base.Value, range.End.Value));
    }

    [Fact]
    public void The_kernels_log_tells_segments()
    {
        RmpLocation found = Found(new HostKernel { HasSegmentTable = false }.Log(HostKernel.SegmentedLog));
        Assert.Equal(RmpSource.KernelLog, found.Source);
        IsSegmented(found.Geometry);
    }

    [Fact]
    public void Without_the_lines_of_segments_the_image_has_the_table()
    {
        IsSegmented(Found(new HostKernel().Log(HostKernel.BaseLog, HostKernel.SizeLog)).Geometry);
        Assert.Contains(
            "the segment table at 0x2004000 is not in the image, whole (0 of 4096 bytes)",
            Refused(new HostKernel { HasSegmentTable = false }.Log(HostKernel.BaseLog, HostKernel.SizeLog)), StringComparison.Ordinal);
    }

    // One line ends where the 64 KiB do that are looked through at once, the next begins there; the third lies over the border.
    [Theory]
    [InlineData(0x1_0000 - 8 - 76)]
    [InlineData(0x1_0000 - 8)]
    [InlineData(0x1_0000 - 40)]
    [InlineData(0x1_0000)]
    [InlineData(0x2_0000 - 96)]
    [InlineData(0)]
    public void A_line_is_found_wherever_it_is_in_the_log(int offset)
    {
        RmpLocation found = Found(new HostKernel().LogAt(offset).Log(HostKernel.ContiguousLog));
        Assert.Equal(0x100_0000UL, found.Geometry.OwnRange(0).Start.Value);
    }

    [Fact]
    public void A_line_behind_pages_that_are_missing_is_found()
    {
        // Only the last 4 KiB of the log are in the image.
        byte[] core = new HostKernel { HasEntries = false, HasSegmentTable = false }.LogAt(0x1_F800).Log(HostKernel.ContiguousLog).Build();
        int header = 64 + (9 * 56); // that of the log: after the notes and eight others
        Assert.Equal(0x1_0000UL, BitConverter.ToUInt64(core, header + 24));
        BitConverter.TryWriteBytes(core.AsSpan(header + 8), BitConverter.ToUInt64(core, header + 8) + 0x1_F000);
        BitConverter.TryWriteBytes(core.AsSpan(header + 24), 0x2_F000UL);
        BitConverter.TryWriteBytes(core.AsSpan(header + 32), 0x1000UL);
        BitConverter.TryWriteBytes(core.AsSpan(header + 40), 0x1000UL);
        using MemoryImage image = Open(core);
        Assert.True(RmpFinder.TryFind(image, null, out RmpLocation found, out _, TestContext.Current.CancellationToken));
        Assert.Equal(0x100_0000UL, found.Geometry.OwnRange(0).Start.Value);
    }

    [Theory]
    [InlineData("the kernel's log in the image does not say where the RMP is", "ccp: SEV API: 1.55")]
    [InlineData("its line about the RMP is cut, or not the kernel's own", "SEV-SNP: RMP table physical range [0x0000000001000000 - ")]
    [InlineData("the firmware reserved no memory for an RMP", "SEV-SNP: Memory for the RMP table has not been reserved by BIOS")]
    [InlineData("is not a multiple of 8 KiB", "SEV-SNP: RMP table physical range [0x0000000001000800 - 0x000000000140bfff]")]
    [InlineData("the line 'Segmented RMP base table physical range' is missing", HostKernel.SizeLog)]
    [InlineData("the line 'Segmented RMP using …GB segments' is missing", HostKernel.BaseLog)]
    [InlineData(
        "segment 1 does not cover what a segment of its number would", HostKernel.BaseLog, HostKernel.SizeLog,
        "SEV-SNP: RMP segment 1 physical address [0x3800000 - 0x3bfffff] covering [0x80000000 - 0xbfffffff]")]
    [InlineData(
        "segment 0 does not cover what a segment of its number would", HostKernel.BaseLog, HostKernel.SizeLog,
        "SEV-SNP: RMP segment 0 physical address [0x3800000 - 0x3bfffff] covering [0x0 - 0x1fffffff]")]
    [InlineData(
        "overlaps that of segment 0", HostKernel.BaseLog, HostKernel.SizeLog,
        "SEV-SNP: RMP segment 0 physical address [0x3000000 - 0x33fffff] covering [0x0 - 0x3fffffff]",
        "SEV-SNP: RMP segment 1 physical address [0x3100000 - 0x34fffff] covering [0x40000000 - 0x7fffffff]")]
    public void A_log_that_does_not_tell_is_said_to(string reason, params string[] messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Assert.Contains(reason, Refused(new HostKernel().Log(messages)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_a_segment_follows_from_where_one_begins()
    {
        string[] log = [HostKernel.BaseLog, .. HostKernel.SegmentedLog[2..]];
        IsSegmented(Found(new HostKernel().Log(log)).Geometry);
    }

    [Fact]
    public void Without_notes_or_without_the_place_of_the_log_there_is_none()
    {
        string notes = new HostKernel().Notes;
        foreach (string wrong in (string[])["", notes.Replace("prb)", "x)", StringComparison.Ordinal),
            notes.Replace("SYMBOL(prb)=ffffffff80008100", "SYMBOL(prb)=ffffffff90008100", StringComparison.Ordinal),
            notes.Replace("size_bits)=0", "size_bits)=8", StringComparison.Ordinal),
            notes.Replace("phys_base)=0", "phys_base)=4096", StringComparison.Ordinal)])
        {
            HostKernel host = new() { Notes = wrong };
            Assert.Equal("the kernel's log is not in the image", Refused(host.Log(HostKernel.ContiguousLog)));
        }
    }

    [Fact]
    public void The_last_boot_of_a_log_counts()
    {
        const string Old = "SEV-SNP: RMP table physical range [0x0000000005000000 - 0x000000000540bfff]\n";
        string segmented = string.Join('\n', HostKernel.SegmentedLog) + "\n";
        Assert.True(RmpFinder.TryFindInLog(Log(Old + segmented), null, out RmpLocation found, out _));
        Assert.Equal(RmpSource.Log, found.Source);
        IsSegmented(found.Geometry);
        Assert.True(RmpFinder.TryFindInLog(Log(segmented + Old), null, out found, out _));
        Assert.Equal(0x500_0000UL, found.Geometry.OwnRange(0).Start.Value);
    }

    [Fact]
    public void A_log_that_does_not_name_segments_is_completed_by_an_image()
    {
        LogReport log = Log(HostKernel.BaseLog + "\n" + HostKernel.SizeLog + "\n");
        Assert.False(RmpFinder.TryFindInLog(log, null, out _, out string? reason));
        Assert.Equal("the RMP is segmented, and the lines 'RMP segment …' are missing", reason);
        using MemoryImage image = Open(new HostKernel().Build());
        Assert.True(RmpFinder.TryFindInLog(log, image, out RmpLocation found, out _));
        IsSegmented(found.Geometry);
        Assert.False(RmpFinder.TryFindInLog(new LogReport(), image, out _, out reason));
        Assert.StartsWith("no log says where the RMP is", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_begins_as_a_packed_file_does_is_a_message()
    {
        string[] log = ["BZh9 RMP segment ", HostKernel.ContiguousLog];
        Assert.Equal(0x100_0000UL, Found(new HostKernel().Log(log)).Geometry.OwnRange(0).Start.Value);
    }

    [Fact]
    public void A_range_is_understood_as_a_resource_prints_it() =>
        Assert.Equal(
            0x3560_0000UL,
            Found(new HostKernel().Log("RMP table physical range [mem 0x35600000-0x75bfffff]")).Geometry.OwnRange(0).Start.Value);

    [Fact]
    public void A_real_hosts_lines_are_read()
    {
        using LogReader reader = LogReader.Open(Fixture.PathOf("rmp-logs/012-segmented-rmp-three-segments-one-partial.txt"));
        Assert.True(RmpFinder.TryFindInLog(reader.ReadAll(TestContext.Current.CancellationToken), null, out RmpLocation found, out _));
        Assert.True(found.Geometry.TryGetSegmented(out SegmentedGeometry segments));
        Assert.Equal((0x9BA0_0000UL, 37), (segments.Base.Value, segments.SegmentShift));
        Assert.Equal(
            [new RmpSegment(0, 34, 0x880_0000), new RmpSegment(8, 128, 0x55B0_0000), new RmpSegment(9, 128, 0x35A0_0000)],
            segments.Segments.ToArray());
        Assert.True(found.Geometry.TryGetEntryAddress(PhysicalAddress.Create(0x100_0000_3000), out PhysicalAddress entry));
        Assert.Equal(0x55B0_0030UL, entry.Value);
    }

    [Fact]
    public void Damaged_images_end_in_a_place_or_a_reason()
    {
        byte[] core = new HostKernel { HasEntries = false, Variables = { [0] = 0x200_0000, [1] = 0x5000, [2] = 0x1E01 } }
            .Log(HostKernel.SegmentedLog).Build();
        KernelSymbols symbols = Symbols(HostKernel.SystemMap);
        Mutator mutator = new(17);
        int found = 0;
        for (int round = 0; round < 800; round++)
        {
            byte[] damaged = mutator.Mutate(core, core.Length - 0x2_5000);
            try
            {
                using MemoryImage image = Open(damaged);
                foreach (KernelSymbols? list in (KernelSymbols?[])[symbols, null])
                {
                    bool isFound = RmpFinder.TryFind(
                        image, list, out RmpLocation location, out string? reason, TestContext.Current.CancellationToken);
                    Assert.Equal(isFound, reason is null);
                    if (isFound) found++;
                    using RmpImage table = In(damaged, location.Geometry);
                    while (table.Entries().TryRead(out _, out ReadOnlySpan<RmpEntry> entries) && entries.IsEmpty)
                    {
                    }
                }
            }
            catch (MalformedInputException)
            {
                // A message is one of the ways to end.
            }
        }

        Assert.InRange(found, 50, 1590);
    }

    [Fact]
    public void A_search_can_be_cancelled()
    {
        using MemoryImage image = Open(new HostKernel().Build());
        Assert.Throws<OperationCanceledException>(
            () => RmpFinder.TryFind(image, null, out _, out _, new CancellationToken(canceled: true)));
    }

    internal static void IsSegmented(RmpGeometry geometry)
    {
        Assert.True(geometry.TryGetSegmented(out SegmentedGeometry segments));
        Assert.Equal((0x200_0000UL, 30), (segments.Base.Value, segments.SegmentShift));
        Assert.Equal([new RmpSegment(0, 1, 0x300_0000), new RmpSegment(1, 1, 0x380_0000)], segments.Segments.ToArray());
    }

    internal static MemoryImage Open(byte[] core) => MemoryImage.Read(ImageFile.Read(new MemoryStream(core), "host"));

    /// <summary>The RMP in a core.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The table owns the image.")]
    internal static RmpImage In(byte[] core, RmpGeometry geometry) => RmpImage.In(Open(core), geometry);

    internal static KernelSymbols Symbols(string text) => KernelSymbols.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "map");

    private static LogReport Log(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.ASCII.GetBytes(text)), "log");
        return reader.ReadAll(TestContext.Current.CancellationToken);
    }

    private static RmpLocation Found(HostKernel host)
    {
        using MemoryImage image = Open(host.Build());
        Assert.True(
            RmpFinder.TryFind(image, null, out RmpLocation location, out string? reason, TestContext.Current.CancellationToken), reason);
        return location;
    }

    private static string Refused(HostKernel host)
    {
        using MemoryImage image = Open(host.Build());
        Assert.False(RmpFinder.TryFind(image, null, out RmpLocation location, out string? reason, TestContext.Current.CancellationToken));
        Assert.Equal(default, location);
        return reason;
    }
}
