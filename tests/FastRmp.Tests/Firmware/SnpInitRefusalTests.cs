using System;
using FastRmp.Firmware;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>SNP_INIT refused: the table stays what it was, but for the tests that come when it is written.</summary>
public sealed class SnpInitRefusalTests
{
    [Fact]
    public void It_is_done_once_until_a_shutdown()
    {
        using FirmwareRig rig = Make();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
        Refused(rig, FirmwareStatus.InvalidPlatformState);
        Assert.Equal(FirmwareStatus.InvalidParam, rig.Firmware.SnpInitEx(new PlatformParameters { HasReservedBits = true }));
        rig.Firmware.Wbinvd();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpShutdown());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SevInit());
        Refused(rig, FirmwareStatus.InvalidPlatformState);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SevShutdown());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
    }

    [Fact]
    public void Without_INIT_RMP_it_needs_a_table_and_takes_no_list()
    {
        using FirmwareRig rig = Make();
        Refused(rig, FirmwareStatus.RmpInitRequired, new PlatformParameters { HasList = true });
        rig.Firmware.Platform = rig.Firmware.Platform with { IsRmpInitialized = true };
        Refused(rig, FirmwareStatus.InvalidParam, new PlatformParameters { HasList = true, ListAddress = 0x200_0000 });
        rig.Firmware.Machine = rig.Firmware.Machine with { IsTcbChanged = true };
        Refused(rig, FirmwareStatus.RmpInitRequired, default);
        rig.Firmware.Machine = rig.Firmware.Machine with { IsTcbChanged = false, IsHostSaveAreaClear = false };
        Refused(rig, FirmwareStatus.InvalidConfig);
        byte[] before = rig.Snapshot();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInitEx(default));
        Assert.Equal(before, rig.Snapshot());
    }

    [Fact]
    public void Every_core_is_configured()
    {
        using FirmwareRig rig = Make();
        FirmwareMachine good = rig.Firmware.Machine;
        foreach (FirmwareMachine bad in (FirmwareMachine[])
            [
                good with { IsMfdmEnabled = false }, good with { IsVmplEnabled = false }, good with { IsMemoryEncryptionEnabled = false },
                good with { IsSmmLocked = false },
                good with { IsHostSaveAreaClear = false }, good with { AreRmpBoundsEqual = false },
                good with { RmpBase = OwnStart + 0x1000 }, good with { RmpEnd = OwnEnd - 0x1000 },
            ])
        {
            rig.Firmware.Machine = bad;
            Refused(rig, FirmwareStatus.InvalidConfig);
        }

        rig.Firmware.Machine = good with { RmpBase = OwnStart | (1UL << 51) };
        Refused(rig, FirmwareStatus.InvalidAddress);
        rig.Firmware.Machine = good with { RmpEnd = OwnEnd | (1UL << 51) };
        Refused(rig, FirmwareStatus.InvalidAddress);
        rig.Firmware.Machine = good;
        rig.Firmware.IsSnpEnabled = false;
        Refused(rig, FirmwareStatus.InvalidConfig);
    }

    [Fact]
    public void A_refusal_for_the_configuration_leaves_every_ASID_dirty()
    {
        using FirmwareRig rig = Make();
        rig.Firmware.IsSnpEnabled = false;
        Refused(rig, FirmwareStatus.InvalidConfig);
        Assert.Equal(1, rig.Asid(5).Dirty);
    }

    [Theory]
    [InlineData(0x10_0000UL, 0x110_3FFFUL, FirmwareStatus.InvalidConfig)] // hardware's example: no whole number of MiB
    [InlineData(0x10_2000UL, 0x20_1FFFUL, FirmwareStatus.InvalidConfig)] // does not begin at a MiB
    [InlineData(0x1000_0000UL, 0x100F_FFFFUL, FirmwareStatus.RmpInitializationFailed)] // is not covered by itself
    [InlineData(0xFC0_0000UL, 0xFCF_FFFFUL, FirmwareStatus.RmpInitializationFailed)] // nor is it where coverage ends
    public void Firmware_is_stricter_than_hardware(ulong rmpBase, ulong rmpEnd, FirmwareStatus expected)
    {
        using FirmwareRig rig = new(rmpBase, rmpEnd, isInitialized: false);
        Refused(rig, expected);
        Assert.False(rig.Firmware.Platform.IsSnpInitialized);
    }

    [Fact]
    public void The_RMP_lies_in_one_range_of_DRAM()
    {
        using FirmwareRig rig = Make();
        rig.Firmware.Machine = new FirmwareMachine { Dram = [Range(0, 0x67_FFFF), Range(0x68_0000, Covered - 1)] };
        Refused(rig, FirmwareStatus.InvalidConfig);
        rig.Firmware.Machine = new FirmwareMachine { Dram = [Range(0, OwnEnd - 0x1000)] };
        Refused(rig, FirmwareStatus.InvalidConfig);
        rig.Firmware.Machine = new FirmwareMachine { Dram = [Range(OwnStart, OwnEnd)] };
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
    }

    [Theory]
    [InlineData(OwnStart, OwnStart + 0xFFF)]
    [InlineData(OwnEnd - 0xFFF, OwnEnd)]
    [InlineData(0x68_0000UL, 0x68_0FFFUL)]
    public void The_RMP_has_to_be_the_hypervisors_before(ulong first, ulong last)
    {
        using FirmwareRig rig = Make();
        rig.Firmware.Machine = new FirmwareMachine { Tseg = Range(first, last), ChecksTseg = false };
        Refused(rig, FirmwareStatus.RmpInitializationFailed);
        rig.Firmware.Machine = new FirmwareMachine { Tseg = Range(first, last) };
        Refused(rig, FirmwareStatus.InvalidAddress);
        Assert.False(rig.Firmware.Platform.IsIommuEnforced);
        rig.Firmware.Machine = new FirmwareMachine();
        PageRangeEntry[] ranges = [new(first, (uint)((last - first + 1) >> 12))]; // the RMP is cut out of a list
        Assert.Equal(
            FirmwareStatus.Success,
            rig.Firmware.SnpInitEx(
                new PlatformParameters { InitRmp = true, HasList = true, ListAddress = 0x200_0000, Ranges = ranges }));
    }

    [Theory]
    [InlineData(OwnEnd - 0xFFF, OwnEnd + 0x1000)] // partly the RMP's
    [InlineData(Covered - 0x1000, Covered + 0xFFF)] // partly without an entry
    [InlineData(Covered, Covered + 0xFFF)]
    [InlineData(R, R - 1)] // no page at all
    public void An_IOMMUs_buffer_is_tested_when_the_table_is_new(ulong first, ulong last)
    {
        using FirmwareRig rig = Make();
        PhysicalRange bad = last < first ? new PhysicalRange(At(first), 0) : Range(first, last);
        rig.Firmware.Machine = new FirmwareMachine { IommuBuffers = [Range(Q, Q + 0xFFF), bad, Range(R, R + 0xFFF)] };
        Assert.Equal(FirmwareStatus.InvalidConfig, rig.Firmware.SnpInit());
        Assert.True(rig.Firmware.Platform is { IsSnpInitialized: false, IsRmpInitialized: false, IsIommuEnforced: true });
        rig.RequireRaw(Q, 0x8002_0000_0000_1005); // what came before
        rig.RequireRaw(R, 0);
        rig.RequireRaw(S, 0); // nothing of the old table is left
        Assert.Equal(0UL, rig.Table.AssignedPages(5));
    }

    [Fact]
    public void An_IOMMU_that_is_not_ready_is_found_when_the_table_is_new()
    {
        using FirmwareRig rig = Make();
        rig.Firmware.Machine = new FirmwareMachine { AreIommusReady = false };
        Assert.Equal(FirmwareStatus.HardwareErrorPlatform, rig.Firmware.SnpInit());
        Assert.False(rig.Firmware.Platform.IsSnpInitialized);
        rig.RequireRaw(S, 0);
    }

    /// <summary>With the RMP's own pages, and one of a guest.</summary>
    private static FirmwareRig Make()
    {
        FirmwareRig rig = new(isInitialized: false);
        rig.Table.ClaimOwnPages();
        rig.Assign(S, 0x1000, 5);
        return rig;
    }

    private static void Refused(FirmwareRig rig, FirmwareStatus expected) =>
        Refused(rig, expected, new PlatformParameters { InitRmp = true });

    private static void Refused(FirmwareRig rig, FirmwareStatus expected, in PlatformParameters parameters)
    {
        byte[] before = rig.Snapshot();
        Assert.Equal(expected, rig.Firmware.SnpInitEx(parameters));
        Assert.True(before.AsSpan().SequenceEqual(rig.Snapshot()), "a refused SNP_INIT changed the table");
    }
}
