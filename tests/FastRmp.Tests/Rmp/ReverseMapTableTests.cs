using System;
using System.IO;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>What a table is before any instruction: storage, coverage, raw entries.</summary>
public sealed class ReverseMapTableTests
{
    private static readonly ContiguousGeometry TwoRegions = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x40_0000);

    [Fact]
    public void A_new_table_is_empty()
    {
        using ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, ProcessorModel.Genoa);
        Assert.Same(ProcessorModel.Genoa, table.Processor);
        Assert.Same(ModelChoices.Default, table.Choices);
        Assert.Equal(TwoRegions, table.Geometry);
        for (ulong page = 0; page < 0x40_0000; page += 0x1000)
        {
            Assert.True(table.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry entry));
            Assert.Equal(default, entry);
        }

        for (uint asid = 0; asid < 2048; asid++)
        {
            Assert.Equal(0UL, table.AssignedPages(asid));
        }
    }

    [Fact]
    public void Coverage_ends_with_the_last_region()
    {
        using ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, ProcessorModel.Genoa);
        Assert.True(table.IsCovered(PhysicalAddress.Create(0x3F_FFFF)));
        Assert.False(table.IsCovered(PhysicalAddress.Create(0x40_0000)));
        Assert.False(table.TryReadRaw(PhysicalAddress.Create(0x40_0000), out RmpEntry entry));
        Assert.Equal(default, entry);
        Assert.False(table.TryWriteRaw(PhysicalAddress.Create(0x40_0000), new RmpEntry(1, 0)));
        Assert.True(table.Region(PhysicalAddress.Create(0x40_0000)).IsEmpty);
        Assert.Equal(512, table.Region(PhysicalAddress.Create(0x20_0000)).Length);
    }

    [Fact]
    public void Raw_entries_stand_where_the_geometry_says()
    {
        using PinnedMemory storage = PinnedMemory.Allocate(0x8000);
        using ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, storage, ProcessorModel.Genoa, ModelChoices.Default);
        PhysicalAddress page = PhysicalAddress.Create(0x20_3000);
        Assert.True(table.TryWriteRaw(page, new RmpEntry(0x4028_0000_1234_5001, 0x1F)));
        Assert.True(TwoRegions.TryGetEntryAddress(page, out PhysicalAddress place));
        ulong offset = place - TwoRegions.Base;
        Assert.Equal(0x4000UL + (0x203 * 16), offset);
        Assert.Equal(0x4028_0000_1234_5001UL, BitConverter.ToUInt64(storage.ReadOnlySpan(offset, 8)));
        Assert.Equal(0x1FUL, BitConverter.ToUInt64(storage.ReadOnlySpan(offset + 8, 8)));
        Assert.Equal(new RmpEntry(0x4028_0000_1234_5001, 0x1F), table.Region(page)[3]);
    }

    [Fact]
    public void A_table_over_storage_reads_what_is_there_and_leaves_it_there()
    {
        using PinnedMemory storage = PinnedMemory.Allocate(0x8000);
        Assert.True(BitConverter.TryWriteBytes(storage.Span(0x4000 + 16, 8), 0x0028_0000_1234_5001UL));
        Assert.True(BitConverter.TryWriteBytes(storage.Span(0x4000 + 24, 8), 0x1FUL));
        Assert.True(BitConverter.TryWriteBytes(storage.Span(0x4000, 8), 0x8UL));
        Assert.True(BitConverter.TryWriteBytes(storage.Span(5 * 8, 8), 1UL));
        using (ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, storage, ProcessorModel.Genoa, ModelChoices.Default))
        {
            Assert.False(table.IsHypervisorOwned(PhysicalAddress.Create(0x1000), PageSize.Size4K));
            Assert.Equal(1UL, table.AssignedPages(5));
            Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x1000), Operands.Release()).IsSuccess);
            Assert.Equal(0UL, table.AssignedPages(5));
        }

        Assert.Equal(-1, storage.ReadOnlySpan(0x4000, 32).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Storage_that_is_too_small_is_refused()
    {
        using PinnedMemory storage = PinnedMemory.Allocate(0x7000);
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ReverseMapTable<ContiguousGeometry>(TwoRegions, storage, ProcessorModel.Genoa, ModelChoices.Default));
        Assert.Equal("storage", refusal.ParamName);
        Assert.Contains("0x8000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_only_storage_is_refused()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[0x8000]);
            using PinnedMemory storage = PinnedMemory.OpenFile(path);
            Assert.Throws<InvalidOperationException>(
                () => new ReverseMapTable<ContiguousGeometry>(TwoRegions, storage, ProcessorModel.Genoa, ModelChoices.Default));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(0x3FDU, true)]
    [InlineData(0x3FEU, false)]
    [InlineData(0x3FFU, false)]
    [InlineData(0x400U, false)]
    public void The_lock_value_and_the_mark_of_a_save_area_in_use_are_no_asids(uint maxAsid, bool accepted)
    {
        ProcessorModel processor = ProcessorModel.Genoa with { MaxAsid = maxAsid };
        if (accepted)
        {
            using ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, processor);
            Assert.True(table.RmpUpdate(ExecutionState.Host, default, Operands.Assign(0, maxAsid)).IsSuccess);
            return;
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new ReverseMapTable<ContiguousGeometry>(TwoRegions, processor));
    }

    [Fact]
    public void Missing_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(
            () => new ReverseMapTable<ContiguousGeometry>(TwoRegions, null!, ProcessorModel.Genoa, ModelChoices.Default));
        Assert.Throws<ArgumentNullException>(() => new ReverseMapTable<ContiguousGeometry>(TwoRegions, null!));
        Assert.Throws<ArgumentNullException>(() => new ReverseMapTable<ContiguousGeometry>(TwoRegions, ProcessorModel.Genoa, null!));
    }

    [Fact]
    public void There_are_2048_counters()
    {
        using ReverseMapTable<ContiguousGeometry> table = new(TwoRegions, ProcessorModel.Genoa);
        Assert.Equal(0UL, table.AssignedPages(2047));
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => table.AssignedPages(2048));
        Assert.Contains("2048", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_of_64_TiB_opens_and_costs_what_is_touched()
    {
        const ulong Covered = 1UL << 46;
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), Covered);
        Assert.Equal((1UL << 38) + 0x4000, geometry.StorageBytes);
        long before = Environment.WorkingSet;
        using ReverseMapTable<ContiguousGeometry> table = new(geometry, ProcessorModel.Genoa);
        PhysicalAddress last = PhysicalAddress.Create(Covered - 0x1000);
        Assert.True(table.RmpUpdate(ExecutionState.Host, last, Operands.Assign(0x1234_5000, 5)).IsSuccess);
        Assert.True(table.RmpUpdate(ExecutionState.Host, default, Operands.Assign(0x4000_0000, 5, PageSize.Size2M)).IsSuccess);
        Assert.False(table.IsHypervisorOwned(last, PageSize.Size1G));
        Assert.True(table.IsHypervisorOwned(PhysicalAddress.Create(Covered / 2), PageSize.Size1G));
        Assert.Equal(513UL, table.AssignedPages(5));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 30); // of 2^38; other tests run meanwhile
    }

    [Fact]
    public void A_reservation_that_the_system_refuses_names_its_size()
    {
        IOException refusal = Assert.Throws<IOException>(() => new ReverseMapTable<BoundlessGeometry>(default, ProcessorModel.Genoa));
        Assert.Contains("0x4000000000000 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.InnerException);
    }

    private readonly struct BoundlessGeometry : IRmpGeometry
    {
        public ulong StorageBytes => 1UL << 50;

        public ulong CoveredPages => 1UL << 46;

        public int CoveredRanges => 0;

        public bool IsSegmented => false;

        public int OwnRanges => 0;

        public string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram) => null;

        public PhysicalRange CoveredRange(int index) => throw new ArgumentOutOfRangeException(nameof(index));

        public PhysicalRange OwnRange(int index) => throw new ArgumentOutOfRangeException(nameof(index));

        public bool TryGetIndex(PhysicalAddress address, out nuint index)
        {
            index = 0;
            return false;
        }
    }
}
