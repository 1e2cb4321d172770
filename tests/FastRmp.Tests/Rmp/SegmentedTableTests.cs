using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>A table does the same whatever its geometry.</summary>
public sealed class SegmentedTableTests
{
    private const ulong Gib = 1UL << 30;

    [Fact]
    public void A_host_of_64_TiB_takes_updates_in_every_segment()
    {
        RmpSegment[] segments = new RmpSegment[512];
        for (int i = 0; i < 512; i++)
        {
            segments[i] = new RmpSegment(i, 128, ((ulong)(i + 1) << 37) - (1UL << 29));
        }

        using ReverseMapTable<SegmentedGeometry> table = new(SegmentedGeometryTests.Make(0x10_0000, 37, segments), ProcessorModel.Turin);
        for (ulong i = 0; i < 512; i++)
        {
            PhysicalAddress page = PhysicalAddress.Create((i << 37) + (i * 0x1000) + 0x4000_0000);
            Assert.Equal(RmpResult.Success, table.RmpUpdate(ExecutionState.Host, page, Operands.Assign(0x1000, (uint)i + 1)));
            Assert.Equal((uint)i + 1, table.Lookup(page).Entry.Asid);
            Assert.False(table.IsHypervisorOwned(page, PageSize.Size1G));
        }

        Assert.Equal(1UL, table.AssignedPages(512));
        Assert.False(table.IsCovered(PhysicalAddress.Create(1UL << 46)));
        Assert.True(table.IsHypervisorOwned(PhysicalAddress.Create(1UL << 46), PageSize.Size4K));
    }

    [Fact]
    public void Segments_side_by_side_do_what_one_contiguous_table_does()
    {
        // Four GiB: once in one piece, once as four segments whose entries stand anywhere.
        using ReverseMapTable<ContiguousGeometry> flat = new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 4 * Gib), ProcessorModel.Turin);
        SegmentedGeometry parts = SegmentedGeometryTests.Make(
            0x10_0000, 30, [new(2, 1, 0x20_0000), new(0, 9, 0x8000_0000), new(3, 1, 0x4000_0000), new(1, 1, 0xC000_0000)]);
        using ReverseMapTable<SegmentedGeometry> segmented = new(parts, ProcessorModel.Turin);
        Assert.Equal(flat.Geometry.StorageBytes, parts.StorageBytes);
        Random random = new(19);
        int succeeded = 0;
        for (int step = 0; step < 50_000; step++)
        {
            // Few regions on both sides of every border, the last one not covered.
            ulong border = (ulong)random.Next(0, 5) * Gib;
            ulong region = border + (ulong)random.Next(0, 2) * 0x20_0000 - (border == 0 ? 0 : 0x20_0000UL);
            PhysicalAddress page = PhysicalAddress.Create(region + ((ulong)random.Next(0, 4) % 3 * 0x1000));
            PageSize size = (PageSize)random.Next(0, 2);
            RmpUpdateOperand operand = random.Next(2) == 0
                ? Operands.Release(size)
                : Operands.Assign((ulong)random.Next(0, 3) * 0x20_0000, (uint)random.Next(1, 4), size);
            bool smash = random.Next(4) == 0;
            RmpResult result = smash ? flat.PSmash(ExecutionState.Host, page) : flat.RmpUpdate(ExecutionState.Host, page, operand);
            Assert.Equal(
                result, smash ? segmented.PSmash(ExecutionState.Host, page) : segmented.RmpUpdate(ExecutionState.Host, page, operand));
            succeeded += result == RmpResult.Success ? 1 : 0;
            Assert.Equal(flat.Lookup(page), segmented.Lookup(page));
            Assert.Equal(flat.Region(page).ToArray(), segmented.Region(page).ToArray());
            Assert.Equal(flat.IsHypervisorOwned(page, size), segmented.IsHypervisorOwned(page, size));
        }

        Assert.True(succeeded > 5000, $"{succeeded} operations succeeded");
        for (uint asid = 0; asid < 4; asid++)
        {
            Assert.Equal(flat.AssignedPages(asid), segmented.AssignedPages(asid));
        }
    }

    [Fact]
    public void A_dump_of_the_segments_can_be_put_under_a_table()
    {
        SegmentedGeometry geometry = SegmentedGeometryTests.Make(0x10_0000, 30, [new(5, 1, 0x80_0000), new(1, 1, 0x20_0000)]);
        using PinnedMemory storage = PinnedMemory.Reserve(geometry.StorageBytes);
        // the third entry of the second segment stored
        BitConverter.TryWriteBytes(storage.Span(0x4000 + 0x40_0000 + 0x20, 8), 0x0028_0000_1234_5001UL);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, storage, ProcessorModel.Turin, ModelChoices.Default);
        Assert.True(table.TryReadRaw(PhysicalAddress.Create((5 * Gib) + 0x2000), out RmpEntry entry));
        Assert.Equal(0x0028_0000_1234_5001UL, entry.Low);
        Assert.False(table.TryReadRaw(PhysicalAddress.Create(0x2000), out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_table_that_covers_nothing_has_bookkeeping_alone(bool isDefault)
    {
        SegmentedGeometry geometry = isDefault ? default : SegmentedGeometryTests.Make(0x10_0000, 30, []);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Venice);
        Assert.Equal(RmpResult.Fail(RmpStatus.FailInput), table.RmpUpdate(ExecutionState.Host, default, Operands.Assign(0, 1)));
        Assert.Equal(0UL, table.AssignedPages(1));
        Assert.False(table.IsCovered(default));
        Assert.True(table.Region(default).IsEmpty);
    }
}
