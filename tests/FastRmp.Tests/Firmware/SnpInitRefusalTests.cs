using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>SNP_INIT refused: the table stays what it was.</summary>
public sealed class SnpInitRefusalTests
{
    [Fact]
    public void It_needs_SNP_and_is_done_once()
    {
        using FirmwareRig rig = Make();
        rig.Firmware.IsSnpEnabled = false;
        Refused(rig, FirmwareStatus.InvalidConfig);
        rig.Firmware.IsSnpEnabled = true;
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit(default));
        rig.Assign(S, 0x1000, 5);
        byte[] before = rig.Snapshot();
        Assert.Equal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SnpInit(default));
        Assert.Equal(before, rig.Snapshot());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Shutdown(releasesIommuPages: true));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, rig.Firmware.SnpInit(default));
    }

    [Theory]
    [InlineData(0x10_0000UL, 0x110_3FFFUL)] // hardware's example: no whole number of MiB
    [InlineData(0x10_2000UL, 0x20_1FFFUL)] // does not begin at a MiB
    [InlineData(0x1000_0000UL, 0x100F_FFFFUL)] // is not covered by itself
    [InlineData(0xFC0_0000UL, 0xFCF_FFFFUL)] // nor is it where coverage ends
    public void Firmware_is_stricter_than_hardware(ulong rmpBase, ulong rmpEnd)
    {
        using FirmwareRig rig = new(rmpBase, rmpEnd);
        Refused(rig, FirmwareStatus.RmpInitializationFailed);
        Assert.False(rig.Firmware.IsInitialized);
    }

    [Fact]
    public void The_RMP_lies_in_one_range_of_DRAM()
    {
        using FirmwareRig rig = Make();
        Refused(rig, FirmwareStatus.RmpInitializationFailed, new SnpInitParameters { Dram = [Range(0, 0x67_FFFF), Range(0x68_0000, Covered - 1)] });
        Refused(rig, FirmwareStatus.RmpInitializationFailed, new SnpInitParameters { Dram = [Range(0, OwnEnd - 0x1000)] });
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit(new SnpInitParameters { Dram = [Range(OwnStart, OwnEnd)] }));
    }

    [Theory]
    [InlineData(OwnStart, OwnStart + 0xFFF)]
    [InlineData(OwnEnd - 0xFFF, OwnEnd)]
    [InlineData(0x68_0000, 0x68_0FFF)]
    public void The_RMP_has_to_be_the_hypervisors_before(ulong first, ulong last)
    {
        using FirmwareRig rig = Make();
        Refused(rig, FirmwareStatus.RmpInitializationFailed, new SnpInitParameters { Tseg = Range(first, last) });
        Refused(rig, FirmwareStatus.RmpInitializationFailed, new SnpInitParameters { Aseg = Range(first, last) });
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit(new SnpInitParameters { Fixed = [Range(first, last)] }));
    }

    [Theory]
    [InlineData(OwnEnd - 0xFFF, OwnEnd + 0x1000)] // the RMP's
    [InlineData(0x7F_F000, 0x80_0FFF)] // fixed
    [InlineData(0x90_0000, 0x90_0FFF)] // an IOMMU's already
    [InlineData(Covered - 0x1000, Covered + 0xFFF)] // partly without an entry
    [InlineData(Covered, Covered + 0xFFF)]
    [InlineData(0xF000, 0x1_0FFF)] // no DRAM
    public void An_IOMMUs_page_has_to_be_the_hypervisors_before(ulong first, ulong last)
    {
        using FirmwareRig rig = Make();
        SnpInitParameters parameters = new()
        {
            Dram = [Range(0x1_0000, Covered - 1)],
            Fixed = [Range(0x80_0000, 0x80_0FFF)],
            Iommu = [Range(0x90_0000, 0x90_1FFF), Range(first, last)],
        };
        Refused(rig, FirmwareStatus.RmpInitializationFailed, parameters);
    }

    [Fact]
    public void Ranges_are_whole_pages()
    {
        using FirmwareRig rig = Make();
        foreach (PhysicalRange range in (ReadOnlySpan<PhysicalRange>)
            [new(At(0x800), 0x1000), new(At(0x1000), 0x800), new(At(0x1000), 1UL << 52), new(At(0x1000), ulong.MaxValue & ~0xFFFUL), new(At(PhysicalAddress.ValidMask), 1)])
        {
            Refused(rig, FirmwareStatus.InvalidAddress, new SnpInitParameters { Dram = [range] });
            Refused(rig, FirmwareStatus.InvalidAddress, new SnpInitParameters { Fixed = [default, range] });
            Refused(rig, FirmwareStatus.InvalidAddress, new SnpInitParameters { Iommu = [range] });
            Refused(rig, FirmwareStatus.InvalidAddress, new SnpInitParameters { Tseg = range });
            Refused(rig, FirmwareStatus.InvalidAddress, new SnpInitParameters { Aseg = range });
        }

        // The whole address space is a range; so is none of it.
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit(new SnpInitParameters { Dram = [new(At(0), 1UL << 52)], Fixed = [default], Iommu = [default] }));
    }

    private static FirmwareRig Make()
    {
        FirmwareRig rig = new();
        rig.Table.ClaimOwnPages();
        rig.Assign(S, 0x1000, 5);
        return rig;
    }

    private static void Refused(FirmwareRig rig, FirmwareStatus expected, SnpInitParameters parameters = default)
    {
        byte[] before = rig.Snapshot();
        Assert.Equal(expected, rig.Firmware.SnpInit(parameters));
        Assert.True(before.AsSpan().SequenceEqual(rig.Snapshot()), "a refused SNP_INIT changed the table");
    }
}
