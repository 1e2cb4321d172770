using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Model;
using FastRmp.Rmp;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class PageSetStateTests
{
    private const ulong FirmwareLow = 0x8000_0000_0000_0005;
    private const ulong FullBlock = 0x8000_0000_0000_0FFD;

    [Fact]
    public void A_full_block_of_firmware_pages_becomes_fixed_and_nothing_is_counted_any_more()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        rig.RequireRaw(R, FullBlock & ~(1UL << 63), 0x1F); // as RMPUPDATE writes it
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageSetState(At(R)));
        RequireFixed(rig, R);
        Assert.Equal(PageState.HvFixed, rig.State(S));
        Assert.Equal(RmpStatus.FailPermission, rig.Update(S, Operands.Release()).Status);
        Assert.Equal(RmpStatus.FailPermission, rig.Update(R, Operands.Assign(0, 5, PageSize.Size2M)).Status);
        Assert.True(rig.Table.IsHypervisorOwned(At(R), PageSize.Size2M));
    }

    [Fact]
    public void Many_regions_at_once()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        AssignRegion(rig, Q);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageSetState(At(R), 1024));
        RequireFixed(rig, R);
        RequireFixed(rig, Q);
    }

    [Fact]
    public void Assigned_neighbours_of_other_states_refuse_it()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        rig.Poke(R + 0x1F_F000, 0x1);
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageSetState(At(R)));
    }

    [Fact]
    public void Each_test_is_made_of_all_pages_before_the_next()
    {
        using FirmwareRig rig = new();
        const ulong Last = Covered - ModelPair.RegionBytes;
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageSetState(At(Last)));
        rig.PokeRegion(Last, FirmwareLow | 2, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => rig.Firmware.PageSetState(At(Last)));
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => rig.Firmware.PageSetState(At(Last - ModelPair.RegionBytes), 1024));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageSetState(At(Last), 1024));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageSetState(At(R), ulong.MaxValue & ~511UL));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.PageSetState(At(PhysicalAddress.ValidMask & ~0x1F_FFFFUL)));
    }

    [Theory]
    [InlineData(R + 0x1000, 512UL)]
    [InlineData(R, 0UL)]
    [InlineData(R, 511UL)]
    [InlineData(R, 513UL)]
    [InlineData(R, 1UL)]
    [InlineData(Covered + 0x1000, 512UL)]
    public void Whole_regions_only(ulong start, ulong pages)
    {
        using FirmwareRig rig = new();
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageSetState(At(start), pages));
    }

    [Fact]
    public void The_RMP_itself_stays()
    {
        using FirmwareRig rig = new();
        rig.Table.ClaimOwnPages();
        const ulong Region = OwnStart;
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageSetState(At(Region))); // whatever the other pages are
        for (ulong page = OwnEnd + 1; page < Region + ModelPair.RegionBytes; page += 0x1000)
        {
            rig.Assign(page, 0, 0);
        }

        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageSetState(At(Region)));
    }

    [Fact]
    public void A_counter_of_ASID_0_falls_where_there_is_one()
    {
        using FirmwareRig rig = new(ModelChoices.Default with { CountAsidZero = true });
        AssignRegion(rig, R);
        Assert.Equal(512UL, rig.Table.AssignedPages(0));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageSetState(At(R)));
        Assert.Equal(0UL, rig.Table.AssignedPages(0));
    }

    private static void AssignRegion(FirmwareRig rig, ulong region)
    {
        for (ulong page = region; page < region + ModelPair.RegionBytes; page += 0x1000)
        {
            rig.Assign(page, 0, 0);
        }
    }

    private static void RequireFixed(FirmwareRig rig, ulong region)
    {
        for (ulong page = region; page < region + ModelPair.RegionBytes; page += 0x1000)
        {
            rig.RequireRaw(page, 0x4);
        }
    }
}
