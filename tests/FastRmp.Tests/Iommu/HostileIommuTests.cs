using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>Tables that point at themselves or nowhere, and entries that change meanwhile: each request ends in a result.</summary>
public sealed class HostileIommuTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void A_table_that_points_at_itself_ends(int mode)
    {
        IoTables tables = new IoTables().Device(0, mode);
        for (int next = 1; next <= 6; next++)
        {
            tables.Memory.Words.Slice(512, 512).Fill(IoTables.Pointer(0, next));
            IommuWalkResult result = tables.Translate(0);
            Assert.Equal(IommuStatus.MalformedEntry, result.Status);
            Assert.Equal(Math.Min(next, mode), result.Level);
        }
    }

    [Fact]
    public void A_listing_of_tables_that_point_at_themselves_ends()
    {
        IoTables tables = new IoTables().Device(0, 2);
        tables.Memory.Words.Slice(512, 512).Fill(IoTables.Pointer(0, 1));
        IoMappingEnumerator<WalkView> mappings = new(tables.View, new DeviceTableEntry(tables.Memory[IoTables.Start], 0, 0, 0));
        Assert.False(mappings.MoveNext());
        Assert.Equal(512 * 512, mappings.MalformedEntries);
        Assert.Equal(IoTables.Table(0), mappings.FirstMalformedEntry.Value);
    }

    [Fact]
    public void A_listing_of_tables_that_never_reach_a_page_is_cut_short()
    {
        IoTables tables = new IoTables(pages: 6).Device(0, 6); // the tables of level 1 are outside the memory
        for (int table = 0; table < 5; table++)
        {
            tables.Memory.Words.Slice(512 * (table + 1), 512).Fill(IoTables.Pointer(table + 1, 5 - table));
        }

        IoMappingEnumerator<WalkView> mappings = new(tables.View, new DeviceTableEntry(tables.Memory[IoTables.Start], 0, 0, 0));
        Assert.False(mappings.MoveNext());
        Assert.True(mappings.IsCutShort);
        Assert.InRange(mappings.CutShortAt.Value, IoTables.Table(0), IoTables.Table(5));
        Assert.False(mappings.MoveNext());
        Assert.Equal(0, mappings.MalformedEntries);
    }

    [Fact]
    public void A_table_outside_memory_ends_the_walk_at_its_entry()
    {
        const ulong Nowhere = 0x8_7654_3210_0000UL;
        IoTables tables = new IoTables().Device(0, 2).Set(0, 3, Nowhere | (1UL << 9) | IoTables.AllRights | IoTables.Present);
        IommuWalkResult result = tables.Translate(0x60_5000, isWrite: true);
        Assert.Equal(IommuStatus.OutsideMemory, result.Status);
        Assert.Equal(Nowhere + 0x28, result.Address.Value);
        Assert.Equal(1, result.Level);
        Assert.True(
            IommuEvent.TryCreate(result, DeviceId.Create(1, 2, 3), default, new DeviceAddress(0x60_5000), true, out IommuEvent logged));
        Assert.Equal(
            "AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=01:02.3 pasid=0x0000 address=0x8765432100028 flags=0x0020]",
            logged.ToString("B", null));
        IoMappingEnumerator<WalkView> mappings = new(tables.View, new DeviceTableEntry(tables.Memory[IoTables.Start], 0, 0, 0));
        Assert.False(mappings.MoveNext());
        Assert.Equal(1, mappings.AbsentTables);
        Assert.Equal(Nowhere, mappings.FirstAbsentEntry.Value);
    }

    [Fact]
    public void A_lost_race_restarts_the_walk_with_what_the_winner_wrote()
    {
        IoTables tables = new IoTables().Device(0, 1, flags: IoTables.AllRights | 3 | (3UL << 7)).Set(0, 0, IoTables.Leaf(0x5000, 12));
        bool raced = false;
        tables.Memory.Racer = address =>
        {
            if (raced) return;
            raced = true;
            tables.Memory[address] = IoTables.Leaf(0x9000, 12);
        };
        IommuWalkResult result = Access(tables, 0x10);
        Assert.Equal(0x9010UL, result.Address.Value);
        Assert.Equal(IoTables.Leaf(0x9000, 12) | 0x60, tables.Memory[IoTables.Table(0)]);
    }

    [Fact]
    public void A_race_lost_each_time_is_a_result()
    {
        IoTables tables = new IoTables().Device(0, 1, flags: IoTables.AllRights | 3 | (1UL << 7)).Set(0, 0, IoTables.Leaf(0x5000, 12));
        tables.Memory.Racer = address => tables.Memory[address] ^= 1UL << 63;
        Assert.Equal(IommuStatus.Contended, Access(tables, 0).Status);
        Assert.True(tables.Memory.Exchanges < 100);
    }

    private static IommuWalkResult Access(IoTables tables, ulong iova)
    {
        WalkView view = tables.View;
        NoCheck check = default;
        return IommuWalker.Access(ref view, tables.Iommu, default, new DeviceAddress(iova), true, ref check);
    }
}
