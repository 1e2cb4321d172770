using System;
using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class PageUnsmashTests
{
    private const ulong Gpa = 0x4000_0000;
    private const ulong Last = R + ModelPair.RegionBytes - 0x1000;

    [Fact]
    public void Pages_of_4_KiB_become_one_that_is_immutable_and_locked()
    {
        using FirmwareRig rig = Make();
        rig.RequireRaw(R, 0x8028_0000_4000_0FFD, 0x1F);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageUnsmash(At(R)));
        rig.RequireRaw(R, 0x8028_0000_4000_0007, 0x1F);
        rig.RequireRaw(R + 0x1000, 0x0000_0000_4000_1001, 0x1F);
        rig.RequireRaw(Last, 0x0000_0000_401F_F001, 0x1F);
        Assert.Equal(PageState.PreGuest, rig.State(S));
        Assert.Equal(512UL, rig.Table.AssignedPages(5));
    }

    [Fact]
    public void A_validated_page_leaves_stale_bits_in_its_entry()
    {
        using FirmwareRig rig = Make();
        Change(rig, static (low, high) => (low | 1UL << 62 | 1UL << 63, 0x0001_0307));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageUnsmash(At(R)));
        rig.RequireRaw(R, 0xC028_0000_4000_0007, 0x0001_0307);
        rig.RequireRaw(S, 0x4000_0000_4000_5001, 0x0001_0307);
        Assert.Equal(PageState.PreSwap, rig.State(S));
    }

    [Fact]
    public void PSMASH_makes_512_pages_of_it_again()
    {
        using FirmwareRig rig = Make();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageUnsmash(At(R)));
        Assert.Equal(RmpStatus.FailBadAddress, rig.Table.PSmash(ExecutionState.Host, At(R)).Status);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageReclaim(At(R), PageSize.Size2M));
        Assert.True(rig.Table.PSmash(ExecutionState.Host, At(R)).IsSuccess);
        rig.RequireRaw(R, 0x0028_0000_4000_0FF9, 0x1F);
        rig.RequireRaw(S, 0x0028_0000_4000_5001, 0x1F);
        rig.RequireRaw(Last, 0x0028_0000_401F_F001, 0x1F);
    }

    [Fact]
    public void RMPUPDATE_takes_all_of_it_away()
    {
        using FirmwareRig rig = Make();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageUnsmash(At(R)));
        Assert.Equal(RmpStatus.FailPermission, rig.Update(S, Operands.Release()).Status);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageReclaim(At(R), PageSize.Size2M));
        Assert.Equal(RmpStatus.FailOverlap, rig.Update(S, Operands.Release()).Status);
        Assert.True(rig.Update(R, Operands.Release(PageSize.Size2M)).IsSuccess);
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            rig.RequireRaw(page, 0);
        }

        Assert.Equal(0UL, rig.Table.AssignedPages(5));
    }

    [Theory]
    [InlineData("mutable", S)]
    [InlineData("mutable", R)]
    [InlineData("unassigned", Last)]
    [InlineData("vmsa", S)]
    [InlineData("vmsa", R)]
    [InlineData("validated", S)]
    [InlineData("validated", R)]
    [InlineData("asid", S)]
    [InlineData("asid", R)]
    [InlineData("gpa", S)]
    [InlineData("gpa", Last)]
    [InlineData("gpa", R)]
    [InlineData("mask", S)]
    [InlineData("mask", R)]
    public void One_page_that_differs_refuses_it(string what, ulong page)
    {
        using FirmwareRig rig = Make();
        (ulong low, ulong high) = (rig.Raw(page).Low, rig.Raw(page).High);
        switch (what)
        {
            case "mutable":
                rig.Poke(page, low & ~4UL, high);
                break;
            case "unassigned":
                rig.Poke(page, 4, high);
                break;
            case "vmsa":
                rig.Poke(page, low | 1UL << 61, high);
                break;
            case "validated":
                rig.Poke(page, low | 1UL << 62, high);
                break;
            case "asid":
                rig.Poke(page, low ^ 1UL << 51, high);
                break;
            case "gpa":
                rig.Poke(page, low ^ 1UL << 21, high);
                break;
            default:
                rig.Poke(page, low, high ^ 1);
                break;
        }

        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(At(R)));
    }

    [Fact]
    public void All_pages_with_VMSA_or_of_firmware_are_refused()
    {
        using FirmwareRig rig = Make();
        Change(rig, static (low, high) => (low | 1UL << 61, high));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(At(R)));
        Change(rig, static (low, high) => (low & ~0x3FF8_0000_0000_0000UL, high)); // neither VMSA nor ASID
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(At(R)));
    }

    [Fact]
    public void A_base_that_is_not_locked_stays_so()
    {
        using FirmwareRig rig = Make();
        Change(rig, static (low, high) => (low & ~(1UL << 63), high));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageUnsmash(R | (1UL << 51)));
        rig.RequireRaw(R, 0x0028_0000_4000_0007, 0x1F);
    }

    [Fact]
    public void The_address_is_tested_first()
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.PageUnsmash(R + 0x1000));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.PageUnsmash(OwnStart));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(Covered));
        rig.Firmware.Platform = rig.Firmware.Platform with { IsSnpInitialized = false };
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.PageUnsmash(R + 0x1000));
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, () => rig.Firmware.PageUnsmash(R));
    }

    [Fact]
    public void A_region_in_which_the_RMP_begins_is_refused()
    {
        using FirmwareRig rig = new(0x70_0000, 0x7F_FFFF);
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageUnsmash(0x60_0000));
    }

    [Fact]
    public void A_region_that_is_one_page_already_is_refused()
    {
        using FirmwareRig rig = new();
        rig.Assign(R, Gpa, 5, PageSize.Size2M);
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(R));
    }

    [Fact]
    public void Guest_addresses_have_to_begin_at_2_MiB()
    {
        using FirmwareRig rig = Make();
        Change(rig, static (low, high) => (low + 0x1000, high));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageUnsmash(At(R)));
    }

    private static FirmwareRig Make()
    {
        FirmwareRig rig = new();
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            rig.Assign(page, Gpa + (page - R), 5);
        }

        return rig;
    }

    private static void Change(FirmwareRig rig, Func<ulong, ulong, (ulong Low, ulong High)> change)
    {
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            (ulong low, ulong high) = change(rig.Raw(page).Low, rig.Raw(page).High);
            rig.Poke(page, low, high);
        }
    }
}
