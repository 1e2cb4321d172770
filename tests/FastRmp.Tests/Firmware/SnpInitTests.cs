using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>The table that SNP_INIT builds, range by range.</summary>
public sealed class SnpInitTests
{
    private const ulong Fixed = 0x4;
    private const ulong FirmwareLow = 0x8000_0000_0000_0005;
    private const ulong IommuLow = 0x8002_0000_0000_1005;

    [Fact]
    public void Without_ranges_all_is_the_hypervisors_but_for_the_RMP()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(rig);
        Assert.True(rig.Firmware.Platform is { IsSnpInitialized: true, IsRmpInitialized: true, IsIommuEnforced: true, Guests: 0 });
        for (ulong page = 0; page < Covered; page += 0x1000)
        {
            bool own = page is >= OwnStart and <= OwnEnd;
            rig.RequireRaw(page, page == OwnStart ? 0x8000_0000_0000_07FD : own ? FirmwareLow : 0);
        }
    }

    [Fact]
    public void A_full_block_of_the_RMP_has_a_count_of_511()
    {
        using FirmwareRig rig = new(0x80_0000, 0xAF_FFFF, isInitialized: false);
        Init(rig);
        rig.RequireRaw(0x80_0000, 0x8000_0000_0000_0FFD);
        rig.RequireRaw(0xA0_0000, 0x8000_0000_0000_07FD);
        rig.RequireRaw(0xAF_F000, FirmwareLow);
        rig.RequireRaw(0xB0_0000, 0);
    }

    [Fact]
    public void The_tail_of_the_RMP_is_counted_at_a_base_that_is_the_hypervisors()
    {
        using FirmwareRig rig = new(0x70_0000, 0x7F_FFFF, isInitialized: false);
        Init(rig);
        rig.RequireRaw(0x60_0000, 0x800);
        rig.RequireRaw(0x70_0000, FirmwareLow);
    }

    [Fact]
    public void What_is_no_DRAM_is_fixed()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(rig, new FirmwareMachine { Dram = [Range(0x1000, 0x9_FFFF), Range(0x10_0000, 0xFF_FFFF)] });
        rig.RequireRaw(0, Fixed);
        rig.RequireRaw(0x1000, 0);
        rig.RequireRaw(0x9_F000, 0);
        rig.RequireRaw(0xA_0000, Fixed);
        rig.RequireRaw(0xF_F000, Fixed);
        rig.RequireRaw(0x10_0000, 0);
        rig.RequireRaw(0xFF_F000, 0);
        rig.RequireRaw(0x100_0000, Fixed);
        rig.RequireRaw(Covered - 0x1000, Fixed);
    }

    [Fact]
    public void Fixed_ranges_override_DRAM_and_spare_the_RMP()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(
            rig, new FirmwareMachine { Dram = [Range(0, Covered - 1)] }, new PageRangeEntry(0x5F_F000, 258),
            new PageRangeEntry(0x80_0000, 1));
        rig.RequireRaw(0x5F_E000, 0);
        rig.RequireRaw(0x5F_F000, Fixed);
        rig.RequireRaw(0x60_0000, 0x8000_0000_0000_07FD);
        rig.RequireRaw(0x6F_F000, FirmwareLow);
        rig.RequireRaw(0x70_0000, Fixed);
        rig.RequireRaw(0x70_1000, 0);
        rig.RequireRaw(0x80_0000, Fixed);
    }

    [Fact]
    public void TSEG_and_ASEG_are_fixed_wherever_they_are()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(rig, new FirmwareMachine { Tseg = Range(0xF00_0000, 0xFFF_FFFF), IsAsegEnabled = true });
        rig.RequireRaw(0x9_F000, 0);
        rig.RequireRaw(0xA_0000, Fixed);
        rig.RequireRaw(0xB_F000, Fixed);
        rig.RequireRaw(0xC_0000, 0);
        rig.RequireRaw(0xEFF_F000, 0);
        rig.RequireRaw(0xF00_0000, Fixed);
        rig.RequireRaw(Covered - 0x1000, Fixed);
    }

    [Fact]
    public void IOMMU_pages_are_counted()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(
            rig,
            new FirmwareMachine { IommuBuffers = [Range(0x80_0000, 0x80_2FFF), Range(0xA0_1000, 0xA0_1FFF), Range(0x70_0000, 0x70_0FFF)] });
        rig.RequireRaw(0x80_0000, IommuLow | 0x10);
        rig.RequireRaw(0x80_1000, IommuLow);
        rig.RequireRaw(0x80_2000, IommuLow);
        rig.RequireRaw(0x80_3000, 0);
        rig.RequireRaw(0xA0_0000, 0x8);
        rig.RequireRaw(0xA0_1000, IommuLow);
        rig.RequireRaw(0x60_0000, 0x8000_0000_0000_0805); // 255 of the RMP and one of an IOMMU
        Assert.Equal(PageState.FirmwareIommu, rig.State(0xA0_1000));
    }

    [Fact]
    public void What_was_there_before_is_gone()
    {
        using FirmwareRig rig = new(isInitialized: false);
        rig.Assign(R, 0x4000_0000, 5, PageSize.Size2M);
        rig.Assign(Q + 0x1000, 0x1000, 6);
        rig.Assign(Q + 0x2000, 0, 0);
        Init(rig);
        rig.RequireRaw(R, 0);
        rig.RequireRaw(S, 0);
        rig.RequireRaw(Q, 0);
        rig.RequireRaw(Q + 0x1000, 0);
        for (uint asid = 0; asid < 2048; asid++)
        {
            Assert.Equal(0UL, rig.Table.AssignedPages(asid));
        }
    }

    [Fact]
    public void Where_ASID_0_is_counted_the_firmwares_pages_are()
    {
        using FirmwareRig rig = new(Locking with { CountAsidZero = true }, isInitialized: false);
        Init(rig, new FirmwareMachine { IommuBuffers = [Range(0x80_0000, 0x80_2FFF)] });
        Assert.Equal(259UL, rig.Table.AssignedPages(0));
        rig.Firmware.Wbinvd();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpShutdownEx(new PlatformParameters { IommuShutdown = true }));
        Assert.True(rig.Update(0x80_0000, Operands.Release()).IsSuccess);
        Assert.Equal(258UL, rig.Table.AssignedPages(0));
    }

    [Fact]
    public void Instructions_go_on_from_it()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(rig, new FirmwareMachine(), new PageRangeEntry(R, 1));
        Assert.Equal(RmpStatus.FailPermission, rig.Update(R, Operands.Release()).Status);
        Assert.Equal(RmpStatus.FailPermission, rig.Update(R, Operands.Assign(0, 5, PageSize.Size2M)).Status);
        Assert.Equal(RmpStatus.FailPermission, rig.Update(OwnStart, Operands.Release()).Status);
        Assert.True(rig.Update(S, Operands.Assign(0, 5)).IsSuccess);
        rig.RequireRaw(R, 0xC);
        Assert.True(rig.Update(0x70_0000, Operands.Assign(0, 5)).IsSuccess);
        rig.RequireRaw(OwnStart, 0x8000_0000_0000_0805);
    }

    [Fact]
    public void The_HyperTransport_hole_is_fixed_and_RMPOPT_begins_anew()
    {
        // Three segments of 4 GiB with 1 GiB covered each: 0, the hole's, and the one after it.
        RmpSegment[] segments = [new(0, 1, 0x100_0000), new(0xFD, 1, 0x200_0000), new(0xFE, 1, 0x300_0000)];
        SegmentedGeometry geometry = new(At(0x80_0000), 32, segments, ProcessorModel.Venice);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Venice);
        SevFirmware<SegmentedGeometry> firmware = new(table);
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        PhysicalAddress after = At(0xFE_0000_0000);
        Assert.True(table.RmpOpt(ExecutionState.Host, core, after, RmpOptFunction.VerifyAndReport).CarryFlag);
        Assert.Equal(FirmwareStatus.Success, firmware.SnpInit());
        Assert.False(table.RmpOpt(ExecutionState.Host, core, after, RmpOptFunction.Report).CarryFlag);
        Assert.True(table.RmpOpt(ExecutionState.Host, core, after, RmpOptFunction.VerifyAndReport).CarryFlag);
        Assert.Equal(PageState.HvFixed, table.StateOf(At(0xFD_0000_0000)));
        Assert.Equal(PageState.HvFixed, table.StateOf(At(0xFD_3FFF_F000)));
        Assert.Equal(PageState.Default, table.StateOf(At(0xFD_4000_0000)));
        Assert.Equal(PageState.Hypervisor, table.StateOf(after));
        Assert.Equal(PageState.Firmware, table.StateOf(At(0x80_4000)));
        Assert.Equal(PageState.Hypervisor, table.StateOf(At(0x80_5000)));
        Assert.Equal(PageState.Firmware, table.StateOf(At(0x33F_F000)));
        Assert.Equal(PageState.Hypervisor, table.StateOf(At(0x340_0000)));
        Assert.True(table.TryReadRaw(At(0x80_0000), out RmpEntry header));
        Assert.Equal(FirmwareLow | (4 << 3), header.Low); // 0x5000 bytes
    }

    [Fact]
    public void A_page_of_two_buffers_is_counted_twice()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Init(rig, new FirmwareMachine { IommuBuffers = [Range(S, S + 0xFFF), Range(S, S + 0xFFF)] });
        rig.RequireRaw(S, IommuLow);
        rig.RequireRaw(R, 0x10);
    }

    [Fact]
    public void All_ASIDs_are_dirty_and_WBINVD_is_required()
    {
        using FirmwareRig rig = new(isInitialized: false);
        rig.Firmware.Wbinvd();
        Init(rig);
        for (uint asid = 1; asid <= 1006; asid++)
        {
            Assert.Equal(new AsidState(1, 0, 0, 0), rig.Asid(asid));
        }

        Assert.Equal(FirmwareStatus.WbinvdRequired, rig.Firmware.DfFlush());
    }

    [Theory]
    [InlineData(0x80_0800UL, 1U, 0U, false)] // misaligned
    [InlineData(0x80_0000UL, 1U, 1U, false)] // a reserved field
    [InlineData(0x80_0000UL, 1U, 0U, true)] // a page that cannot be read
    public void A_mistake_in_the_list_ends_the_list_and_refuses_nothing(ulong start, uint pages, uint reserved, bool isElsewhere)
    {
        using FirmwareRig rig = new(isInitialized: false);
        PageRangeEntry[] ranges = [new(0x40_0000, 1), new(start, pages, reserved), new(0xA0_0000, 1)];
        PlatformParameters parameters = new()
        {
            InitRmp = true,
            HasList = true,
            ListAddress = isElsewhere ? 1UL << 46 : 0x200_0000,
            Ranges = ranges,
        };
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInitEx(parameters));
        rig.RequireRaw(0x40_0000, isElsewhere ? 0 : Fixed);
        rig.RequireRaw(0x80_0000, 0);
        rig.RequireRaw(0xA0_0000, 0);
    }

    private static void Init(FirmwareRig rig, FirmwareMachine? machine = null, params PageRangeEntry[] ranges)
    {
        rig.Firmware.Machine = machine ?? new FirmwareMachine();
        PlatformParameters parameters = new()
        {
            InitRmp = true,
            HasList = ranges.Length != 0,
            ListAddress = 0x200_0000,
            Ranges = ranges,
        };
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInitEx(parameters));
    }
}
