using System.Collections.Generic;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

/// <summary>A real kernel's direct map beside the RMP that it wrote. On its console: page 0x3005 and 0x3006 became private of ASID 5, after
/// a split of their region; the 2M page at 0x3200 of ASID 6 was smashed and its page 0x3203 made shared, after a split.</summary>
public class RealHostTests
{
    [Fact]
    public void A_kernel_that_splits_before_each_update_leaves_no_write_that_would_fault()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf("real-kernel/nativeaot-7.3.core.elf.gz"));
        ContiguousGeometry place = new(PhysicalAddress.Create(0x4000_0000), PhysicalAddress.Create(0x41FF_FFFF));
        using RmpImage rmp = RmpImage.Open(Fixture.PathOf("real-kernel/nativeaot-7.3.rmp-at-40000000.bin.gz"), new RmpGeometry(place));
        Assert.True(DirectMapFinder.TryFind(
            image.Memory.View(), image.Processor(0).PagingState, image.VmCoreInfo, out DirectMapLocation map,
            cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(0xFFFF_8CDF_0000_0000UL, map.Base.Value);
        DirectMapRmpCheck check = new(image, map, rmp, TestContext.Current.CancellationToken);
        List<ulong> alike = [];
        while (check.MoveNext())
        {
            Assert.Equal(DirectMapRmpFinding.CouldBeWhole, check.Current.Finding);
            if (check.Current.IsAlike) alike.Add(check.Current.Start.PageNumber);
        }

        Assert.Equal(new DirectMapRmpTotals(0, 0, 0, 0, 0, SplitMixed: 2, 0, SplitFree: 12, SplitFreeAlike: 6, 0), check.Totals);
        Assert.Equal([0x1200UL, 0x1800, 0x2400, 0x2E00, 0x3800, 0x3A00], alike);
        RmpCensus census = new();
        RmpEntryReader reader = rmp.Entries();
        while (reader.TryRead(out PhysicalAddress start, out System.ReadOnlySpan<RmpEntry> entries)) census.Add(start, entries);
        Assert.Equal((2UL, 511UL), (census.PagesOf(5), census.PagesOf(6)));
        Assert.True(census.IsConsistent);
    }
}
