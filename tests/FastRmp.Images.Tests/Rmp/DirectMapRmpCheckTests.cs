using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

public class DirectMapRmpCheckTests
{
    private static readonly RmpGeometry Contiguous =
        new(new ContiguousGeometry(PhysicalAddress.Create(0x100_0000), PhysicalAddress.Create(0x140_BFFF)));

    [Fact]
    public void Large_leaves_with_pages_of_both_kinds_and_splits_for_nothing_are_found()
    {
        List<DirectMapRmpRegion> found = Check(new HostKernel().Build(), Contiguous, out DirectMapRmpTotals totals);
        Assert.Equal(
            [
                Region(DirectMapRmpFinding.CouldBeWhole, 0, PageSize.Size4K, 0, 0, 0, SplitReasons.AfterBoot),
                Region(DirectMapRmpFinding.WritesFault, 0x20_0000, PageSize.Size2M, 2, 0x20_5000, 7, SplitReasons.None),
                Region(DirectMapRmpFinding.WritesFault, 0x4020_0000, PageSize.Size1G, 1, 0x403F_F000, 0, SplitReasons.None),
            ],
            found);
        Assert.True(found[0].IsAlike);
        Assert.False(found[1].IsAlike);
        Assert.Equal(new DirectMapRmpTotals(1, 1, 510 + 511, 1, 1, 1, 0, 1, 1, 0), totals);
    }

    [Fact]
    public void A_segmented_table_gives_the_same_and_its_missing_parts_are_counted()
    {
        using MemoryImage image = RmpFinderTests.Open(new HostKernel().Build());
        Assert.True(RmpFinder.TryReadSegments(
            image, PhysicalAddress.Create(HostKernel.SegmentTable), HostKernel.Configuration, null, out RmpLocation location, out _,
            TestContext.Current.CancellationToken));
        List<DirectMapRmpRegion> contiguous = Check(new HostKernel().Build(), Contiguous, out _);
        Assert.Equal(contiguous, Check(new HostKernel().Build(), location.Geometry, out DirectMapRmpTotals totals));
        Assert.Equal(new DirectMapRmpTotals(1, 1, 510 + 511, 1, 1, 1, 0, 1, 1, 512 - 4), totals);
    }

    [Fact]
    public void An_RMP_in_a_file_of_its_own_is_compared()
    {
        byte[] raw = new byte[0x40_C000];
        raw[0x4000 + 0x2000 + (16 * 3)] = 1; // page 3 of region 1
        using MemoryImage image = RmpFinderTests.Open(new HostKernel { HasEntries = false }.Build());
        using RmpImage rmp = RmpImage.Read(ImageFile.Read(new MemoryStream(raw), "raw"), Contiguous);
        DirectMapRmpCheck check = new(image, Location(image), rmp, TestContext.Current.CancellationToken);
        Assert.True(check.MoveNext());
        Assert.True(check.MoveNext());
        Assert.Equal(0x20_3000UL, check.Current.FirstAssigned.Value);
        Assert.True(check.MoveNext()); // region 3 is split, and nothing of it assigned; KERNEL_4K is because of the RMP
        Assert.Equal((3UL << 21, true), (check.Current.Start.Value, check.Current.IsAlike));
        Assert.False(check.MoveNext());
        Assert.Equal(new DirectMapRmpTotals(1, 0, 511, 0, 0, 0, 0, 2, 2, 0), check.Totals);
        Assert.Equal(0, check.AbsentTables);
    }

    [Fact]
    public void What_the_RMP_does_not_cover_is_the_hypervisors()
    {
        RmpGeometry small = new(new ContiguousGeometry(PhysicalAddress.Create(0x100_0000), PhysicalAddress.Create(0x100_5FFF)));
        List<DirectMapRmpRegion> found = Check(new HostKernel().Build(), small, out DirectMapRmpTotals totals);
        Assert.Equal(2, found.Count);
        Assert.Equal(new DirectMapRmpTotals(0, 0, 0, 0, 0, 0, 0, 2, 2, 0), totals);
    }

    [Fact]
    public void Entries_that_are_not_there_are_counted_and_nothing_is_found()
    {
        Assert.Empty(Check(new HostKernel { HasEntries = false }.Build(), Contiguous, out DirectMapRmpTotals totals));
        Assert.Equal(new DirectMapRmpTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 4 + 4), totals);
    }

    [Fact]
    public void Leaves_of_1G_without_entries_in_the_image_are_passed_over_and_counted()
    {
        ContiguousGeometry large = new(PhysicalAddress.Create(0x100_0000), PhysicalAddress.Create(0x100_0000 + 0x4000 + (3UL << 22) - 1));
        byte[] core = new HostKernel { HasEntries = false, HasSegmentTable = false }.Build();
        Assert.Empty(Check(core, new RmpGeometry(large), out DirectMapRmpTotals totals));
        Assert.Equal(4 + 512, totals.Absent);
        core = new HostKernel { HasEntries = false, HasSegmentTable = false }.Extra(0x100_4000 + (2UL << 22) - 0x2000, Assigned()).Build();
        DirectMapRmpRegion found = Assert.Single(Check(core, new RmpGeometry(large), out totals));
        Assert.Equal((0x7FE0_0000UL, 511L + 4), (found.Start.Value, totals.Absent));
    }

    private static byte[] Assigned()
    {
        byte[] region = new byte[0x2000];
        region[0x1FF0] = 1;
        return region;
    }

    [Fact]
    public void Random_tables_are_counted_as_one_by_one()
    {
        Random random = new(23);
        for (int round = 0; round < 20; round++)
        {
            byte[] raw = new byte[0x40_C000];
            foreach (int region in (int[])[0, 1, 2, 3, 4, 512, 513, 514, 515])
            {
                int kind = random.Next(4); // free, one page, all pages, any pages
                int one = random.Next(512);
                for (int page = 0; page < 512; page++)
                {
                    bool isAssigned = kind == 2 || (kind == 1 && page == one) || (kind == 3 && random.Next(3) == 0);
                    int at = 0x4000 + (region * 0x2000) + (page * 16);
                    BitConverter.TryWriteBytes(raw.AsSpan(at), ((ulong)random.Next(1, 500) << 51) | (isAssigned ? 1UL : 0));
                    BitConverter.TryWriteBytes(raw.AsSpan(at + 8), (ulong)random.NextInt64());
                }
            }

            using MemoryImage image = RmpFinderTests.Open(new HostKernel { HasEntries = false }.Build());
            using RmpImage rmp = RmpImage.Read(ImageFile.Read(new MemoryStream(raw), "raw"), Contiguous);
            DirectMapRmpCheck check = new(image, Location(image), rmp, TestContext.Current.CancellationToken);
            List<ulong> faulting = [];
            List<ulong> free = [];
            while (check.MoveNext())
            {
                (check.Current.Finding == DirectMapRmpFinding.WritesFault ? faulting : free).Add(check.Current.Start.Value >> 21);
            }

            Assert.Equal(Naive(raw, [1, 2, 512, 513, 514, 515], static assigned => assigned is > 0 and < 512), faulting);
            Assert.Equal(Naive(raw, [0, 3], static assigned => assigned == 0), free);
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using MemoryImage image = RmpFinderTests.Open(new HostKernel().Build());
        using RmpImage rmp = RmpFinderTests.In(new HostKernel().Build(), Contiguous);
        DirectMapLocation location = Location(image);
        DirectMapRmpCheck warm = new(image, location, rmp);
        while (warm.MoveNext())
        {
        }

        DirectMapRmpCheck check = new(image, location, rmp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (check.MoveNext())
        {
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Damaged_images_end()
    {
        byte[] core = new HostKernel().Build();
        Mutator mutator = new(29);
        for (int round = 0; round < 500; round++)
        {
            try
            {
                _ = Check(mutator.Mutate(core, 0x9000), Contiguous, out _);
            }
            catch (MalformedInputException)
            {
                // A message is one of the ways to end.
            }
        }
    }

    private static List<ulong> Naive(byte[] raw, ulong[] regions, Predicate<int> isFound)
    {
        List<ulong> found = [];
        foreach (ulong region in regions)
        {
            int assigned = 0;
            for (int page = 0; page < 512; page++) assigned += raw[0x4000 + ((int)region * 0x2000) + (page * 16)] & 1;
            if (isFound(assigned)) found.Add(region);
        }

        return found;
    }

    private static DirectMapRmpRegion Region(
        DirectMapRmpFinding finding, ulong start, PageSize leaf, int assigned, ulong first, uint asid, SplitReasons reasons) => new(
        finding, PhysicalAddress.Create(start), new VirtualAddress(HostKernel.DirectMap + start), leaf, assigned,
        PhysicalAddress.Create(first), asid, reasons);

    private static List<DirectMapRmpRegion> Check(byte[] core, RmpGeometry geometry, out DirectMapRmpTotals totals)
    {
        using MemoryImage image = RmpFinderTests.Open(core);
        using RmpImage rmp = RmpFinderTests.In(core, geometry);
        List<DirectMapRmpRegion> found = [];
        totals = default;
        if (!TryLocate(image, out DirectMapLocation location)) return found;
        DirectMapRmpCheck check = new(image, location, rmp, TestContext.Current.CancellationToken);
        while (check.MoveNext()) found.Add(check.Current);
        totals = check.Totals;
        return found;
    }

    private static DirectMapLocation Location(MemoryImage image)
    {
        Assert.True(TryLocate(image, out DirectMapLocation location));
        return location;
    }

    private static bool TryLocate(MemoryImage image, out DirectMapLocation location)
    {
        PagingState state = image.Processor(0).PagingState;
        return DirectMapFinder.TryFind(image.Memory.View(), state, image.VmCoreInfo, out location);
    }
}
