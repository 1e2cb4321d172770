using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class ShutdownTests
{
    private static readonly AsidState Dirty = new(1, 0, 0, 0);

    [Fact]
    public void A_plain_shutdown_leaves_the_table_for_the_next_INIT()
    {
        using FirmwareRig rig = Make();
        rig.Assign(S + 0x8000, 0x1000, 7);
        rig.RequireRefusal(FirmwareStatus.Success, rig.Firmware.SnpShutdown);
        PlatformState platform = rig.Firmware.Platform;
        Assert.False(platform.IsSnpInitialized);
        Assert.True(platform is { IsRmpInitialized: true, IsIommuEnforced: true, IsSnpEnabled: true });
        rig.RequireRefusal(FirmwareStatus.Success, () => rig.Firmware.SnpInitEx(default));
        Assert.True(rig.Firmware.Platform.IsSnpInitialized);
        Assert.Equal(Dirty, rig.Asid(1));
        Assert.Equal(Dirty, rig.Asid(1006));
    }

    [Fact]
    public void IOMMU_pages_are_given_back_when_asked_to()
    {
        using FirmwareRig rig = Make();
        rig.Assign(S, 0, 0);
        Assert.Equal(FirmwareStatus.Success, Shutdown(rig, iommu: true));
        rig.RequireRaw(R, 0x11);
        rig.RequireRaw(R + 0x1000, 0x1);
        rig.RequireRaw(Q, 0x8);
        rig.RequireRaw(Q + 0x1F_F000, 0x1);
        rig.RequireRaw(S, 0x8000_0000_0000_0005, 0x1F);
        rig.RequireRaw(OwnStart, 0x8000_0000_0000_07FD);
        Assert.True(rig.Firmware.RecordedIommuPages.IsEmpty);
        Assert.True(
            rig.Firmware.Platform is { IsSnpInitialized: false, IsRmpInitialized: false, IsIommuEnforced: false, IsSnpEnabled: true });
        rig.RequireRefusal(FirmwareStatus.RmpInitRequired, () => rig.Firmware.SnpInitEx(default));
        Assert.True(rig.Update(R, Operands.Release()).IsSuccess);
        Assert.True(rig.Update(Q + 0x1F_F000, Operands.Release()).IsSuccess);
        rig.RequireRaw(Q, 0);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
        rig.RequireRaw(R, 0x8002_0000_0000_100D);
    }

    [Fact]
    public void A_page_that_only_looks_like_an_IOMMUs_stays()
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, 0x8002_0000_0000_1005, 0x1F);
        Assert.Equal(FirmwareStatus.Success, Shutdown(rig, iommu: true));
        rig.RequireRaw(S, 0x8002_0000_0000_1005, 0x1F);
    }

    [Fact]
    public void SNP_EN_goes_with_the_second_flag_and_never_alone()
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => Shutdown(rig, x86: true));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.SnpShutdownEx(new PlatformParameters { Length = 7 }));
        rig.RequireRefusal(
            FirmwareStatus.InvalidParam, () => rig.Firmware.SnpShutdownEx(new PlatformParameters { HasReservedBits = true }));
        rig.Firmware.Machine = rig.Firmware.Machine with { SupportsX86Shutdown = false };
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => Shutdown(rig, iommu: true, x86: true));
        rig.Firmware.Machine = rig.Firmware.Machine with { SupportsX86Shutdown = true };
        Assert.Equal(FirmwareStatus.Success, Shutdown(rig, iommu: true, x86: true));
        Assert.False(rig.Firmware.IsSnpEnabled);
        rig.RequireRefusal(FirmwareStatus.InvalidConfig, rig.Firmware.SnpInit);
    }

    [Fact]
    public void Every_ASID_has_to_be_clean_before_the_fields_are_looked_at()
    {
        using FirmwareRig rig = Make();
        foreach (AsidState state in (AsidState[])[Dirty, new(0, 0, 1, 0), new(0, 0, 0, 1)])
        {
            Assert.True(rig.Firmware.TrySetAsidState(1006, state));
            rig.RequireRefusal(FirmwareStatus.DfFlushRequired, rig.Firmware.SnpShutdown);
            rig.RequireRefusal(
                FirmwareStatus.DfFlushRequired, () => rig.Firmware.SnpShutdownEx(new PlatformParameters { Length = 7 }));
        }

        rig.Firmware.Platform = rig.Firmware.Platform with { Sev = SevPlatformState.Init };
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SnpShutdown);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SevShutdown());
        Assert.True(rig.Firmware.TrySetAsidState(1006, new AsidState(0, 1, 0, 0)));
        rig.RequireRefusal(FirmwareStatus.Success, rig.Firmware.SnpShutdown);
    }

    [Fact]
    public void What_is_shut_down_is_not_shut_down_again()
    {
        using FirmwareRig rig = new(isInitialized: false);
        Assert.True(rig.Firmware.TrySetAsidState(5, Dirty));
        rig.RequireRefusal(FirmwareStatus.Success, rig.Firmware.SnpShutdown);
        rig.RequireRefusal(
            FirmwareStatus.Success,
            () => rig.Firmware.SnpShutdownEx(new PlatformParameters { Length = 7, X86Shutdown = true, HasReservedBits = true }));
        Assert.True(rig.Firmware.IsSnpEnabled);
        Assert.Equal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SevInit()); // SNP_EN without a table
        rig.Firmware.IsSnpEnabled = false;
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SevInit());
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SnpShutdown);
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SnpInit);
    }

    [Fact]
    public void DF_FLUSH_cleans_where_WBINVD_was_done_in_any_state()
    {
        using FirmwareRig rig = new(isInitialized: false);
        rig.Firmware.Machine = rig.Firmware.Machine with { CoreComplexes = 2 };
        Assert.True(rig.Firmware.TrySetAsidState(5, new AsidState(3, 0, 0, 0)));
        Assert.True(rig.Firmware.TrySetAsidState(6, new AsidState(0, 0, 0, 3)));
        Assert.Equal(FirmwareStatus.WbinvdRequired, rig.Firmware.DfFlush());
        Assert.Equal(new AsidState(3, 0, 0, 0), rig.Asid(5));
        rig.Firmware.Wbinvd(1);
        Assert.Equal(FirmwareStatus.WbinvdRequired, rig.Firmware.DfFlush());
        Assert.Equal(new AsidState(1, 2, 0, 0), rig.Asid(5));
        rig.Firmware.Wbinvd(0);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        Assert.Equal(new AsidState(0, 3, 0, 0), rig.Asid(5));
        Assert.Equal(new AsidState(0, 0, 0, 3), rig.Asid(6));
    }

    private static FirmwareStatus Shutdown(FirmwareRig rig, bool iommu = false, bool x86 = false) =>
        rig.Firmware.SnpShutdownEx(new PlatformParameters { IommuShutdown = iommu, X86Shutdown = x86 });

    /// <summary>After an INIT with three pages of IOMMUs, flushed.</summary>
    private static FirmwareRig Make()
    {
        FirmwareRig rig = new(isInitialized: false);
        rig.Firmware.Machine = new FirmwareMachine { IommuBuffers = [Range(R, R + 0x1FFF), Range(Q + 0x1F_F000, Q + 0x1F_FFFF)] };
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
        rig.Firmware.Wbinvd();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        return rig;
    }
}
