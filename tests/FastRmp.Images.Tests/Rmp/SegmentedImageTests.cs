using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

public class SegmentedImageTests
{
    private static readonly PhysicalAddress Table = PhysicalAddress.Create(HostKernel.SegmentTable);

    [Fact]
    public void Entries_of_segments_come_in_the_order_of_the_memory_that_they_cover()
    {
        using RmpImage rmp = Open(new HostKernel(), out RmpLocation location);
        Assert.Equal(RmpSource.SegmentTable, location.Source);
        RmpFinderTests.IsSegmented(rmp.Geometry);
        RmpEntryReader reader = rmp.Entries();
        List<(ulong Start, int Entries)> pieces = [];
        while (reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries)) pieces.Add((start.Value, entries.Length));
        Assert.Equal([(0UL, 5 * 512), (0x4000_0000UL, 4 * 512)], pieces);
        Assert.Equal((1024UL - 9) * 512, reader.AbsentPages);
        Assert.Equal(5UL << 21, reader.FirstAbsentPage.Value);
    }

    [Fact]
    public void Counts_are_those_of_the_contiguous_table()
    {
        RmpCensus segmented = Census(Open(new HostKernel(), out _));
        RmpCensus contiguous = Census(RmpFinderTests.In(
            new HostKernel().Build(),
            new RmpGeometry(new ContiguousGeometry(PhysicalAddress.Create(0x100_0000), PhysicalAddress.Create(0x140_BFFF)))));
        Assert.Equal((9UL * 512, 1029UL, 1029UL), (segmented.Pages, segmented.AssignedPages, segmented.CountedPages));
        Assert.Equal((contiguous.Pages, contiguous.AssignedPages), (segmented.Pages, segmented.AssignedPages));
        Assert.Equal((1UL, 512UL, 514UL, 2UL), (segmented.PagesOf(7), segmented.PagesOf(8), segmented.PagesOf(9), segmented.PagesOf(0)));
        Assert.True(segmented.IsConsistent);
    }

    [Fact]
    public void A_segment_that_is_not_there_is_skipped_and_the_next_is_read()
    {
        HostKernel host = new();
        host.Segments[0] = 0x700_0001; // nothing of it is in the image
        using RmpImage rmp = Open(host, out _);
        RmpEntryReader reader = rmp.Entries();
        Assert.True(reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries));
        Assert.Equal((0x4000_0000UL, 4 * 512), (start.Value, entries.Length));
        Assert.Equal((512UL * 512, 0UL), (reader.AbsentPages, reader.FirstAbsentPage.Value));
        Assert.False(reader.TryRead(out _, out _));
    }

    [Fact]
    public void A_size_that_is_larger_than_the_segment_means_all_of_it()
    {
        HostKernel host = new();
        host.Segments[1] = 0x380_0000 | 0xF_FFFF;
        using RmpImage rmp = Open(host, out _);
        Assert.Equal(2UL << 18, rmp.Geometry.CoveredPages);
    }

    [Theory]
    [InlineData("segment 1: the entry 0x10000003800001 of the segment table has reserved bits set", 1, 0x0010_0000_0380_0001UL)]
    [InlineData("overlaps that of segment 0", 1, 0x330_0001)]
    [InlineData("overlaps bookkeeping and segment table", 1, 0x1D0_0001)]
    [InlineData("ends beyond 2^52", 1, 0x000F_FFFF_FFF0_0001UL)]
    public void A_table_that_hardware_would_refuse_is_refused(string reason, int index, ulong entry)
    {
        HostKernel host = new();
        host.Segments[index] = entry;
        Assert.Contains(reason, Refused(host, Table, HostKernel.Configuration), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_a_segment_is_none()
    {
        HostKernel host = new();
        host.Segments.AsSpan().Clear();
        Assert.Equal("the segment table at 0x2004000 has no segment", Refused(host, Table, HostKernel.Configuration));
    }

    [Theory]
    [InlineData("the segment table at 0x7004000 is not in the image, whole (0 of 4096 bytes)", 0x700_4000UL, 0x1E01UL)]
    [InlineData("a segment table lies 16 KiB above RMP_BASE: 0x3000 is too low", 0x3000UL, 0x1E01UL)]
    [InlineData("RMP_CFG 0x1e00 says that the RMP is segmented", 0x200_4000UL, 0x1E00UL)]
    [InlineData("the segment exponent 20 is outside 30 to 52, which the processor turin supports", 0x200_4000UL, 0x1401UL)]
    public void A_wrong_place_or_size_is_refused(string reason, ulong table, ulong configuration)
    {
        string said = Refused(new HostKernel(), PhysicalAddress.Create(table), configuration);
        if (configuration == 0x1E00) Assert.NotEmpty(said);
        else Assert.Equal(reason, said);
    }

    [Fact]
    public void The_size_of_segments_is_that_of_the_kernels_log()
    {
        using MemoryImage image = RmpFinderTests.Open(new HostKernel().Log(HostKernel.SegmentedLog).Build());
        Assert.True(RmpFinder.TryReadSegments(
            image, Table, null, null, out RmpLocation found, out _, TestContext.Current.CancellationToken));
        RmpFinderTests.IsSegmented(found.Geometry);
        using MemoryImage other = RmpFinderTests.Open(new HostKernel().Log(HostKernel.ContiguousLog).Build());
        Assert.False(RmpFinder.TryReadSegments(
            other, Table, null, null, out _, out string? reason, TestContext.Current.CancellationToken));
        Assert.Equal("the image's kernel has an RMP without segments", reason);
    }

    [Fact]
    public void A_raw_file_holds_no_segmented_RMP()
    {
        using RmpImage rmp = Open(new HostKernel(), out RmpLocation location);
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(
            () => RmpImage.Read(ImageFile.Read(new MemoryStream(new byte[0x1_0000]), "raw"), location.Geometry));
        Assert.Contains("lies in several places", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_geometry_has_neither_entries_nor_counters()
    {
        using RmpImage rmp = RmpFinderTests.In(new HostKernel().Build(), default);
        Assert.False(rmp.Entries().TryRead(out _, out _));
        Assert.False(rmp.TryReadCounters(new ulong[1]));
    }

    private static RmpCensus Census(RmpImage rmp)
    {
        using (rmp)
        {
            RmpCensus census = new();
            RmpEntryReader reader = rmp.Entries();
            while (reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries)) census.Add(start, entries);
            return census;
        }
    }

    private static RmpImage Open(HostKernel host, out RmpLocation location)
    {
        byte[] core = host.Build();
        using MemoryImage image = RmpFinderTests.Open(core);
        Assert.True(
            RmpFinder.TryReadSegments(
                image, Table, HostKernel.Configuration, null, out location, out string? reason, TestContext.Current.CancellationToken),
            reason);
        return RmpFinderTests.In(core, location.Geometry);
    }

    private static string Refused(HostKernel host, PhysicalAddress table, ulong configuration)
    {
        using MemoryImage image = RmpFinderTests.Open(host.Build());
        Assert.False(RmpFinder.TryReadSegments(
            image, table, configuration, null, out _, out string? reason, TestContext.Current.CancellationToken));
        return reason;
    }
}
