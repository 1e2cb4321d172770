using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>Each open point of the IOMMU, as it is by default and the other way, with code and flags of the event.</summary>
public sealed class IommuChoiceTests : IDisposable
{
    private const int IllegalEntry = 1;
    private const int PageFault = 2;
    private const int GuestFault = 0xB;
    private const ulong Assigned = 0x20_5000;

    private readonly ReverseMapTable<ContiguousGeometry> _table = Table();

    public void Dispose() => _table.Dispose();

    [Fact]
    public void Events_and_flags_are_as_chosen()
    {
        Both(
            Tables(d => d.Device(0, 3, flags: 1)), 0x1000, new() { NoTranslationIsIllegalEntry = true }, (PageFault, 0x000),
            (IllegalEntry, 0x000));
        Both(Tables(d => d.Device(0, 7)), 0x1000, new() { ReservedModeIsPageFault = true }, (IllegalEntry, 0x000), (PageFault, 0x010));
        Both(
            Tables(d => d), 0x1000, new() { DeviceBeyondTableIsIllegalEntry = true }, (PageFault, 0x000), (IllegalEntry, 0x000),
            device: 200);
        Both(
            Tables(d => d.Device(0, 2).Set(0, 0, IoTables.Pointer(1, 2))), 0x1000, new() { MalformedDmaEntryReportsReserved = true },
            (PageFault, 0x010), (PageFault, 0x090));
        Both(
            Tables(d => d.Device(0, 1).Set(0, 1, IoTables.Leaf(0x5000, 12) | (1UL << 52))), 0x1000,
            new() { ReservedDmaBitsReportReserved = false }, (PageFault, 0x090), (PageFault, 0x010));
        Both(
            Tables(d => d.Device(0, 3).Set(0, 0, IoTables.Pointer(1, 1))), 0x20_0000, new() { SkippedLevelsReportPresent = false },
            (PageFault, 0x010), (PageFault, 0x000));
        Both(Tables(d => d.Device(0, 3)), 1UL << 39, new() { OutOfReachReportsPresent = false }, (PageFault, 0x010), (PageFault, 0x000));
        Both(
            Tables(d => d.Device(0, 2).Set(0, 0, IoTables.Pointer(1, 1, IoTables.Present))), 0x1000,
            new() { DmaRightsAreCheckedAtLeaf = true }, (PageFault, 0x050), (PageFault, 0x000));
        Both(
            Tables(d => d.Device(0, 2, flags: 3).Set(0, 0, 0)), 0x1000, new() { DmaRightsAreCheckedAtLeaf = true }, (PageFault, 0x050),
            (PageFault, 0x000));
        Both(
            Tables(d => d.Device(0, 3, flags: 1 | (1UL << 63))), 0x1000, new() { TranslationValidBeforeReservedBits = true },
            (IllegalEntry, 0x080), (PageFault, 0x000));
        Both(
            Tables(d => d.Device(0, 7, flags: 3)), 0x1000, new() { DeviceRightsBeforeEncoding = true }, (IllegalEntry, 0x000),
            (PageFault, 0x050));
    }

    [Fact]
    public void The_fields_of_features_that_are_off_count_as_reserved_or_not()
    {
        IoTables tables = new IoTables().Device(0, 1, flags: IoTables.AllRights | 3 | (1UL << 52)).Set(0, 1, IoTables.Leaf(0x5000, 12));
        tables.Iommu = tables.Iommu with { Control = default(IommuControl) };
        Assert.Equal(IommuStatus.ForbiddenDeviceTableBits, tables.Translate(0x1000).Status);
        tables.Iommu = tables.Iommu with { Choices = new ModelChoices { UnsupportedDeviceFieldsAreReserved = false } };
        Assert.Equal(IommuStatus.Mapped, tables.Translate(0x1000).Status);
        tables.Iommu = tables.Iommu with
        {
            Choices = ModelChoices.Default,
            Control = new IommuControl { EnhancedPageRequestEnable = true },
        };
        Assert.Equal(IommuStatus.Mapped, tables.Translate(0x1000).Status);
        tables.Iommu = tables.Iommu with { Features = new IommuExtendedFeatures { PageRequests = true } };
        Assert.Equal(IommuStatus.ForbiddenDeviceTableBits, tables.Translate(0x1000).Status);
    }

    [Fact]
    public void Faults_of_guest_tables_are_as_chosen()
    {
        GuestIoTables tables = new(isNested: false);
        tables.Device(0, 0, glx: 0, GuestIoTables.PageAt(1));
        tables.Memory[GuestIoTables.PageAt(1) + 8] = GuestIoTables.PageAt(4) | 1;
        Guest(tables, new(new(0x1000), false, 1), ModelChoices.Default, (PageFault, 0x001, 1));
        Guest(tables, new(new(0x1000), true, 1), new() { GuestDmaFaultsReportGuest = false }, (PageFault, 0x020, 7));
        Guest(tables, new(new(0x1000), false, 1), new() { GuestDmaFaultsAreGuestEvents = true }, (GuestFault, 0x001, 1));
        Guest(tables, new(new(0x1000), false, 2), ModelChoices.Default, (PageFault, 0x001, 2));
        Guest(tables, new(new(0x1000), false, 2), new() { InvalidGcr3ReportsPresent = true }, (PageFault, 0x011, 2));
        Guest(tables, new(new(0x1000), false, 0x4_0000), new() { InvalidGcr3ReportsPresent = true }, (PageFault, 0x011, 0x4_0000));
        Guest(tables, new(new(1UL << 47), false, 1), ModelChoices.Default, (PageFault, 0x001, 1));
        Guest(tables, new(new(1UL << 47), false, 1), new() { NonCanonicalDmaReportsPresent = true }, (PageFault, 0x011, 1));
    }

    [Fact]
    public void Sizes_between_4_KiB_and_2_MiB_reach_one_page_or_the_region()
    {
        IoTables tables = new IoTables().Device(0, 1).Set(0, 4, IoTables.Leaf(0x20_6000, 13)).Set(0, 5, IoTables.Leaf(0x20_6000, 13));
        Assert.Equal(IommuStatus.Mapped, Checked(tables, 0x4000).Status);
        tables.Iommu = tables.Iommu with { Choices = new ModelChoices { IntermediateDmaSizesAreLarge = true } };
        Assert.Equal(IommuStatus.RmpViolation, Checked(tables, 0x4000).Status);
        Assert.Equal(IommuStatus.Mapped, Checked(new IoTables().Device(0, 1).Set(0, 4, IoTables.Leaf(0x20_6000, 12)), 0x4000).Status);
    }

    [Fact]
    public void Devices_without_entry_are_checked_or_not()
    {
        IoTables tables = new();
        Assert.Equal(IommuStatus.RmpViolation, Checked(tables, Assigned).Status);
        tables.Iommu = tables.Iommu with { Choices = new ModelChoices { UntranslatedDmaIsChecked = false } };
        Assert.Equal(IommuStatus.Mapped, Checked(tables, Assigned).Status);
        Assert.Equal(IommuStatus.RmpViolation, Checked(tables.Device(0, 0), Assigned).Status);
    }

    [Fact]
    public void RMP_events_carry_what_is_chosen()
    {
        IoTables tables = new IoTables().Device(0, 1).Set(0, 4, IoTables.Leaf(Assigned, 12));
        IommuWalkResult result = Checked(tables, 0x4010);
        IommuRequest request = new(new DeviceAddress(0x4010), true);
        Assert.True(IommuEvent.TryCreate(result, default, default, request, ModelChoices.Default, out IommuEvent logged));
        Assert.Equal((0x4010UL, (byte)0), (logged.Address, logged.RmpFlags));
        Assert.True(
            IommuEvent.TryCreate(
                result, default, default, request, new() { RmpDmaFaultReportsPhysicalAddress = true, RmpDmaFaultFlags = 0x5A },
                out logged));
        Assert.Equal((Assigned + 0x10, (byte)0x5A), (logged.Address, logged.RmpFlags));
        PhysicalAddress page = PhysicalAddress.Create(Assigned);
        PhysicalAddress entry = PhysicalAddress.Create(0x9010);
        Assert.Equal(0x9010UL, IommuEvent.CreateForUnreadableRmp(default, page, entry, true, ModelChoices.Default).Address);
        Assert.Equal(
            Assigned, IommuEvent.CreateForUnreadableRmp(default, page, entry, true, new() { RmpHardwareErrorReportsPage = true }).Address);
    }

    private static IoTables Tables(Func<IoTables, IoTables> fill) => fill(new IoTables());

    private static void Both(
        IoTables tables, ulong iova, ModelChoices choices, (int Code, int Flags) standard, (int Code, int Flags) other, ushort device = 0)
    {
        Assert.Equal(standard, Event(tables, iova, ModelChoices.Default, device));
        Assert.Equal(other, Event(tables, iova, choices, device));
    }

    private static (int Code, int Flags) Event(IoTables tables, ulong iova, ModelChoices choices, ushort device)
    {
        tables.Iommu = tables.Iommu with { Choices = choices };
        WalkView view = tables.View;
        _ = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, device, iova, isWrite: false);
        IommuWalkResult result = tables.Translate(iova, device: device);
        _ = IommuWalker.TryLookup(ref view, tables.Iommu, new DeviceId(device), out DeviceTableEntry entry, out _);
        Assert.True(
            IommuEvent.TryCreate(
                result, new DeviceId(device), entry, new IommuRequest(new DeviceAddress(iova), false), choices, out IommuEvent logged));
        return ((int)logged.Code, (int)logged.Flags);
    }

    private static void Guest(GuestIoTables tables, IommuRequest request, ModelChoices choices, (int Code, int Flags, int Pasid) expected)
    {
        tables.Iommu = tables.Iommu with { Choices = choices };
        WalkView view = tables.View;
        _ = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 0, request);
        NoCheck check = default;
        IommuWalkResult result = IommuWalker.Translate(ref view, tables.Iommu, default, request, ref check);
        _ = IommuWalker.TryLookup(ref view, tables.Iommu, default, out DeviceTableEntry entry, out _);
        Assert.True(IommuEvent.TryCreate(result, default, entry, request, choices, out IommuEvent logged));
        Assert.Equal(expected, ((int)logged.Code, (int)logged.Flags, (int)logged.Pasid));
    }

    private IommuWalkResult Checked(IoTables tables, ulong iova)
    {
        WalkView view = tables.View;
        DmaRmpCheck<ContiguousGeometry> check = new(_table);
        return IommuWalker.Translate(ref view, tables.Iommu, default, new DeviceAddress(iova), true, ref check);
    }

    private static ReverseMapTable<ContiguousGeometry> Table()
    {
        ReverseMapTable<ContiguousGeometry> table = new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x100_0000_0000), 0x80_0000), ProcessorModel.Genoa);
        RmpUpdateOperand operand = new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = Assigned };
        Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(Assigned), operand).IsSuccess);
        return table;
    }
}
