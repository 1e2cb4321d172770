using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>The RMP check at the end of a device's walk. One page, at 0x20_5000, belongs to a guest.</summary>
public sealed class DmaRmpCheckTests : IDisposable
{
    private const ulong Assigned = 0x20_5000;

    private readonly ReverseMapTable<ContiguousGeometry> _table = Table(ModelChoices.Default);

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData(12, 0x20_5000, 0x5000, false)]
    [InlineData(12, 0x20_4000, 0x5000, true)]
    [InlineData(13, 0x20_4000, 0x4000, true)] // below 2 MiB a page counts as 4 KiB, and this half is free
    [InlineData(13, 0x20_4000, 0x5000, false)]
    [InlineData(20, 0x20_0000, 0x6000, true)]
    [InlineData(21, 0x20_0000, 0x6000, false)]
    [InlineData(22, 0x0, 0x6000, true)]
    [InlineData(22, 0x0, 0x20_6000, false)]
    [InlineData(30, 0x0, 0x10_0000, true)]
    [InlineData(30, 0x0, 0x3F_F000, false)]
    public void A_request_fails_where_its_page_reaches_assigned_memory(int shift, ulong start, ulong iova, bool passes)
    {
        IoTables tables = Tables(shift, start, iova);
        IommuStatus expected = passes ? IommuStatus.Mapped : IommuStatus.RmpViolation;
        foreach (bool isWrite in new[] { false, true })
        {
            IommuWalkResult result = Translate(tables, _table, iova, isWrite);
            Assert.Equal(expected, result.Status);
            Assert.True(result.HasPage);
            bool isLogged = IommuEvent.TryCreate(result, default, default, new DeviceAddress(iova), isWrite, out IommuEvent logged);
            Assert.Equal(!passes, isLogged);
            if (isLogged)
            {
                Assert.Equal(
                    IommuEvent.CreateRmpFault(default, new DeviceAddress(iova), isWrite ? IommuEventBits.Write : IommuEventBits.None),
                    logged);
            }
        }

        Assert.True(Translate(tables, null, iova, isWrite: true).IsMapped);
    }

    [Fact]
    public void Reads_may_be_exempt_by_choice()
    {
        using ReverseMapTable<ContiguousGeometry> table = Table(new ModelChoices { DmaReadsAreChecked = false });
        IoTables tables = Tables(12, Assigned, 0x5000);
        Assert.True(Translate(tables, table, 0x5000, isWrite: false).IsMapped);
        Assert.Equal(IommuStatus.RmpViolation, Translate(tables, table, 0x5000, isWrite: true).Status);
    }

    [Fact]
    public void An_untranslated_request_is_checked_too()
    {
        IoTables tables = new();
        Assert.Equal(IommuStatus.RmpViolation, Translate(tables, _table, Assigned, isWrite: true).Status);
        Assert.True(Translate(tables, _table, Assigned + 0x1000, isWrite: true).IsMapped);
    }

    [Fact]
    public void The_IOMMU_may_not_mark_a_page_table_that_is_assigned()
    {
        IoTables tables = new IoTables().Device(0, 1, flags: IoTables.AllRights | 3 | (1UL << 7)).Set(0, 0, IoTables.Leaf(0x7000, 12));
        Assign(_table, IoTables.Table(0));
        WalkView view = tables.View;
        DmaRmpCheck<ContiguousGeometry> check = new(_table);
        IommuWalkResult result = IommuWalker.Access(ref view, tables.Iommu, default, new DeviceAddress(0), false, ref check);
        Assert.Equal(IommuStatus.RmpViolation, result.Status);
        Assert.Equal(IoTables.Table(0), result.Address.Value);
        Assert.False(result.HasPage);
        Assert.Empty(tables.Memory.Writes);
    }

    [Fact]
    public void Requests_listings_and_events_allocate_nothing()
    {
        IoTables tables = Tables(13, 0x20_4000, 0x4000);
        char[] text = new char[160];
        long sum = 0;
        Allocations.RequireNone(() => sum += Work(tables, text));
        Assert.True(sum > 0);
    }

    private long Work(IoTables tables, char[] text)
    {
        WalkView view = tables.View;
        DmaRmpCheck<ContiguousGeometry> check = new(_table);
        DeviceAddress address = new(0x5000);
        IommuWalkResult result = IommuWalker.Translate(ref view, tables.Iommu, default, address, true, ref check);
        long sum = (long)result.Size + (long)IommuWalker.Access(ref view, tables.Iommu, default, address, true, ref check).Size;
        _ = IommuWalker.TryLookup(ref view, tables.Iommu, default, out DeviceTableEntry entry, out _);
        WalkTrace trace = default;
        _ = IommuWalker.Trace(ref view, tables.Iommu, entry, new IommuRequest(address, true), ref check, ref trace);
        if (IommuEvent.TryCreate(result, default, entry, address, true, out IommuEvent logged)
            && logged.TryFormat(text, out int length, default, null))
        {
            sum += length;
        }

        IoMappingEnumerator<WalkView> mappings = new(view, entry);
        while (mappings.MoveNext())
        {
            sum += (long)mappings.Current.Size;
        }

        return sum + trace.Count;
    }

    /// <summary>A page of a size at its place in as many levels as it takes.</summary>
    private static IoTables Tables(int shift, ulong start, ulong iova)
    {
        int level = IoPageSize.LevelOf(shift);
        IoTables tables = new IoTables().Device(0, level);
        int slots = IoPageSize.SlotsOf(shift);
        int index = (int)(iova >> (12 + (9 * (level - 1)))) & ~(slots - 1);
        for (int slot = 0; slot < slots; slot++)
        {
            _ = tables.Set(0, index + slot, IoTables.Leaf(start, shift));
        }

        return tables;
    }

    private static IommuWalkResult Translate(IoTables tables, ReverseMapTable<ContiguousGeometry>? table, ulong iova, bool isWrite)
    {
        WalkView view = tables.View;
        DmaRmpCheck<ContiguousGeometry> check = new(table);
        return IommuWalker.Translate(ref view, tables.Iommu, default, new DeviceAddress(iova), isWrite, ref check);
    }

    private static ReverseMapTable<ContiguousGeometry> Table(ModelChoices choices)
    {
        ReverseMapTable<ContiguousGeometry> table = new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x100_0000_0000), 0x80_0000), ProcessorModel.Genoa, choices);
        Assign(table, Assigned);
        return table;
    }

    private static void Assign(ReverseMapTable<ContiguousGeometry> table, ulong page)
    {
        RmpUpdateOperand operand = new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = page };
        Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand).IsSuccess);
    }
}
