using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>Guest (v2) tables: a real entry, the RMP check of every access, marks, tables that point at themselves, allocations.</summary>
public sealed class GuestIommuTests : IDisposable
{
    private readonly ReverseMapTable<ContiguousGeometry> _table = new(
        ContiguousGeometry.Covering(PhysicalAddress.Create(0x100_0000_0000), 0x80_0000), ProcessorModel.Genoa);

    public void Dispose() => _table.Dispose();

    [Fact]
    public void An_entry_of_a_real_machine_is_taken_apart_and_judged()
    {
        DeviceTableEntry entry = new(0x7D90_0000_0000_0003, 0x0000_1001_03FC_0009, 0x2000_0001_1784_0013, 0);
        Assert.True(entry is { Valid: true, TranslationValid: true, Mode: 0, Readable: true, Writable: true, DomainId: 9 });
        Assert.True(entry is { PeripheralPageRequests: true, IotlbEnabled: true });
        Assert.True(entry is { GuestTranslationValid: true, GuestIoProtection: false, GuestLevels: 1 });
        Assert.Equal(0x1_01FE_7000UL, entry.GuestCr3Table.Value);
        IommuState iommu = new(default) { Control = new IommuControl(0x1_F40D) };
        Assert.Equal(IommuStatus.ForbiddenDeviceTableBits, iommu.Check(entry));
        Assert.Equal(DeviceTableEntry.PeripheralPageRequestsMask, iommu.ReservedBits.Word0 & entry.Word0);
        Assert.Equal(IommuStatus.Mapped, (iommu with { Control = new IommuControl(0x2000_0001_F40D) }).Check(entry));
        Assert.Equal(
            IommuStatus.IllegalDeviceTableEntry,
            (iommu with { Control = new IommuControl(0x2000_0001_F40D), IsSnpEnabled = true }).Check(entry));
        Assert.Equal(
            IommuStatus.Mapped, (iommu with { Control = new IommuControl(0x0400_2000_0001_F40D), IsSnpEnabled = true }).Check(entry));
        Assert.Equal(IommuStatus.Mapped, new IommuState(default, IsSnpEnabled: true).Check(entry));
    }

    [Theory]
    [InlineData(1, WalkStage.Gcr3)]
    [InlineData(4, WalkStage.Guest)]
    [InlineData(7, WalkStage.Guest)]
    public void The_RMP_is_asked_for_every_table_read(int page, WalkStage stage)
    {
        GuestIoTables tables = Tables();
        Assert.Equal(IommuStatus.Mapped, Checked(tables, isWrite: false).Status);
        Assign(GuestIoTables.PageAt(page));
        IommuWalkResult result = Checked(tables, isWrite: false);
        Assert.Equal((IommuStatus.RmpViolation, stage, false), (result.Status, result.Stage, result.HasPage));
        Assert.Equal(GuestIoTables.PageAt(page), result.Address.Value & ~0xFFFUL);
        Assert.True(
            IommuEvent.TryCreate(
                result, default, default, new IommuRequest(new DeviceAddress(0x10), false, 0), ModelChoices.Default,
                out IommuEvent logged));
        Assert.Equal(IommuEvent.CreateRmpFault(default, new DeviceAddress(0x10), IommuEventBits.None), logged);
    }

    [Fact]
    public void The_page_behind_guest_tables_is_checked_and_marks_are_set_before_it_is()
    {
        GuestIoTables tables = Tables();
        Assign(0x20_0000);
        IommuWalkResult result = Checked(tables, isWrite: true);
        Assert.Equal((IommuStatus.RmpViolation, WalkStage.Guest, true), (result.Status, result.Stage, result.HasPage));
        Assert.Equal(0x20_0010UL, result.Address.Value);
        for (int page = 4; page < 7; page++) Assert.Equal(0x20UL, tables.Memory[GuestIoTables.PageAt(page)] & 0x60);
        Assert.Equal(0x60UL, tables.Memory[GuestIoTables.PageAt(7)] & 0x60);
    }

    [Fact]
    public void Tables_that_point_at_themselves_end()
    {
        GuestIoTables tables = new(isNested: false);
        for (int index = 0; index < 512; index++)
        {
            tables.Memory[GuestIoTables.PageAt(1) + (8UL * (ulong)index)] = GuestIoTables.PageAt(1) | 7;
        }

        for (int glx = 0; glx < 3; glx++)
        {
            tables.Device(0, 0, glx, GuestIoTables.PageAt(1), isFiveLevel: glx == 1);
            WalkView view = tables.View;
            Assert.Equal(
                IommuStatus.Mapped,
                IommuComparison.Translate(
                    ref view, tables.Memory.Read, tables.Iommu, 0, new IommuRequest(new DeviceAddress(0x7654_3210_FEDC), true, 3)));
        }

        tables.Device(0, 0, 3, GuestIoTables.PageAt(1));
        WalkView illegal = tables.View;
        Assert.Equal(
            IommuStatus.IllegalDeviceTableEntry,
            IommuComparison.Translate(ref illegal, tables.Memory.Read, tables.Iommu, 0, new IommuRequest(default, true, 3)));
        GuestIoMappingEnumerator<WalkView> none = new(illegal, tables.Iommu, Entry(tables));
        Assert.False(none.MoveNext());
    }

    [Fact]
    public void A_listing_of_tables_that_never_reach_a_page_is_cut_short()
    {
        GuestIoTables tables = new(isNested: false);
        for (int page = 1; page < 8; page++)
        {
            // the tables of level 1 are outside the memory
            for (int index = 0; index < 512; index++)
            {
                tables.Memory[GuestIoTables.PageAt(page)
                    + (8UL * (ulong)index)] = page < 6 ? GuestIoTables.PageAt(page + 1) | 7 : 0x8_0000_0000_0007UL;
            }
        }

        tables.Device(0, 0, 2, GuestIoTables.PageAt(1));
        GuestIoMappingEnumerator<WalkView> mappings = new(tables.View, tables.Iommu, Entry(tables));
        Assert.False(mappings.MoveNext());
        Assert.True(mappings.IsCutShort);
        Assert.InRange(mappings.CutShortAt.Value, GuestIoTables.PageAt(1), GuestIoTables.PageAt(8));
        Assert.False(mappings.MoveNext());
    }

    [Fact]
    public void A_page_of_1_GiB_is_one_row_and_over_host_tables_as_many_as_those_have()
    {
        GuestIoTables flat = new(isNested: false);
        flat.Device(0, 0, 0, GuestIoTables.PageAt(1));
        flat.Memory[GuestIoTables.PageAt(1)] = GuestIoTables.PageAt(4) | 1;
        flat.Memory[GuestIoTables.PageAt(4) + (511 * 8)] = GuestIoTables.PageAt(5) | 7;
        flat.Memory[GuestIoTables.PageAt(5) + (511 * 8)] = 0x4000_0000 | 0x85;
        GuestIoMappingEnumerator<WalkView> mappings = new(flat.View, flat.Iommu, Entry(flat));
        Assert.True(mappings.MoveNext());
        Assert.Equal(
            (0xFFFF_FFFF_C000_0000UL, 1UL << 30, DmaRights.Read | DmaRights.Execute),
            (mappings.Current.DeviceAddress.Value, mappings.Current.Size, mappings.Current.Rights));
        Assert.False(mappings.MoveNext());
        GuestIoMappingEnumerator<WalkView> elsewhere = new(
            flat.View, flat.Iommu, Entry(flat), 0, uint.MaxValue, default, new DeviceAddress(0xFFFF_FFFF_BFFF_FFFF));
        Assert.False(elsewhere.MoveNext());
        Assert.Equal(1, elsewhere.Pasids);
    }

    [Fact]
    public void The_C_bit_is_no_address_bit_in_any_table()
    {
        const ulong Encrypted = 1UL << 51;
        GuestIoTables tables = Tables();
        for (int page = 1; page < 8; page++) tables.Memory[GuestIoTables.PageAt(page)] |= Encrypted;
        tables.Device(0, 0, 0, GuestIoTables.PageAt(1) | Encrypted);
        tables.Iommu = tables.Iommu with { EncryptionBit = 51 };
        WalkView view = tables.View;
        IommuRequest request = new(new DeviceAddress(0x10), true, 0);
        Assert.Equal(IommuStatus.Mapped, IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 0, request));
        NoCheck check = default;
        Assert.Equal(0x20_0010UL, IommuWalker.Translate(ref view, tables.Iommu, default, request, ref check).Address.Value);
        IoTables host = new IoTables { Iommu = tables.Iommu }
            .Device(0, 2)
            .Set(0, 0, IoTables.Pointer(1, 1) | Encrypted)
            .Set(1, 4, IoTables.Leaf(0x8_0000_0020_0000, 16));
        host.Memory[IoTables.Start] |= Encrypted;
        Assert.Equal(0x20_4010UL, host.Translate(0x4010).Address.Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => tables.Iommu with { EncryptionBit = 31 });
    }

    [Fact]
    public void Requests_and_listings_allocate_nothing()
    {
        GuestIoTables tables = Tables();
        long sum = 0;
        Allocations.RequireNone(() => sum += (long)Checked(tables, isWrite: true).Size + List(tables));
        Assert.True(sum > 0);
    }

    private static long List(GuestIoTables tables)
    {
        long sum = 0;
        GuestIoMappingEnumerator<WalkView> mappings = new(tables.View, tables.Iommu, Entry(tables));
        while (mappings.MoveNext()) sum += (long)mappings.Current.Size;
        return sum;
    }

    private static DeviceTableEntry Entry(GuestIoTables tables)
    {
        WalkView view = tables.View;
        Assert.True(IommuWalker.TryLookup(ref view, tables.Iommu, default, out DeviceTableEntry entry, out _));
        return entry;
    }

    /// <summary>PASID 0 has one page at address 0, which is at 0x20_0000; tables in pages 1 and 4 to 7.</summary>
    private static GuestIoTables Tables()
    {
        GuestIoTables tables = new(isNested: false);
        tables.Device(0, 0, 0, GuestIoTables.PageAt(1));
        tables.Memory[GuestIoTables.PageAt(1)] = GuestIoTables.PageAt(4) | 1;
        for (int page = 4; page < 7; page++) tables.Memory[GuestIoTables.PageAt(page)] = GuestIoTables.PageAt(page + 1) | 7;
        tables.Memory[GuestIoTables.PageAt(7)] = 0x20_0007;
        return tables;
    }

    private IommuWalkResult Checked(GuestIoTables tables, bool isWrite)
    {
        WalkView view = tables.View;
        DmaRmpCheck<ContiguousGeometry> check = new(_table);
        return IommuWalker.Access(ref view, tables.Iommu, default, new IommuRequest(new DeviceAddress(0x10), isWrite, 0), ref check);
    }

    private void Assign(ulong page)
    {
        RmpUpdateOperand operand = new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = page };
        Assert.True(_table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand).IsSuccess);
    }
}
