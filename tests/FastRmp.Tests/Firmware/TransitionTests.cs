using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Vectors;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Every transition of one page, by raw entries, wherever in a region the page is.</summary>
public sealed class TransitionTests
{
    public static TheoryData<string> Names(string size)
    {
        TheoryData<string> names = [];
        foreach (string[] row in VectorFile.Rows("firmware.txt"))
        {
            if (row[2] == size) names.Add(row[0]);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Names), "4K")]
    public void A_sub_page_changes_as_its_row_says(string name)
    {
        using FirmwareRig rig = WithGuestPage();
        string[] row = Row(name);
        rig.Poke(S, VectorFile.Number(row[3]), VectorFile.Number(row[4]));
        Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, row[1], S, PageSize.Size4K));
        rig.RequireRaw(S, VectorFile.Number(row[5]), VectorFile.Number(row[6]));
        rig.RequireRaw(R, 0);
    }

    [Theory]
    [MemberData(nameof(Names), "4K")]
    public void The_first_page_of_a_region_keeps_the_count(string name)
    {
        using FirmwareRig rig = WithGuestPage();
        string[] row = Row(name);
        rig.Poke(R, VectorFile.Number(row[3]) | (255 << 3), VectorFile.Number(row[4]));
        Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, row[1], R, PageSize.Size4K));
        rig.RequireRaw(R, VectorFile.Number(row[5]) | (255 << 3), VectorFile.Number(row[6]));
    }

    [Theory]
    [MemberData(nameof(Names), "2M")]
    public void A_page_of_2_MiB_changes_in_its_base_alone(string name)
    {
        using FirmwareRig rig = WithGuestPage();
        string[] row = Row(name);
        rig.PokeRegion(R, VectorFile.Number(row[3]), subLow: 1);
        rig.Poke(R, VectorFile.Number(row[3]), VectorFile.Number(row[4]));
        Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, row[1], R, PageSize.Size2M));
        rig.RequireRaw(R, VectorFile.Number(row[5]), VectorFile.Number(row[6]));
        for (ulong page = R + 0x1000; page < R + ModelPair.RegionBytes; page += 0x1000)
        {
            rig.RequireRaw(page, 1);
        }
    }

    [Fact]
    public void A_launch_from_the_hosts_first_step_to_the_last()
    {
        using FirmwareRig rig = new(isInitialized: false);
        rig.Table.ClaimOwnPages();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit());
        rig.Assign(ContextPage, 0, 0);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.GctxCreate(ContextPage));
        Assert.Equal(FirmwareStatus.InvalidGuestState, rig.Firmware.Activate(ContextPage, 5));
        Assert.Equal(
            FirmwareStatus.Success,
            rig.Firmware.LaunchStart(new LaunchParameters { GuestContext = ContextPage, Policy = GuestPolicy.Lenient }));
        Assert.Equal(FirmwareStatus.DfFlushRequired, rig.Firmware.Activate(ContextPage, 5));
        Assert.Equal(FirmwareStatus.WbinvdRequired, rig.Firmware.DfFlush());
        rig.Firmware.Wbinvd();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Activate(ContextPage, 5));
        Assert.Equal(new AsidState(0, 0, 1, 0), rig.Asid(5));
        rig.Assign(S, 0x1234_5000, 5);
        rig.RequireRaw(S, 0x8028_0000_1234_5005, 0x1F);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.LaunchUpdate(PageCommand.Launch(S)));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.LaunchFinish(new LaunchParameters { GuestContext = ContextPage }));
        Assert.Equal(new AsidState(0, 0, 0, 1), rig.Asid(5));
        Assert.Equal(1U, rig.Firmware.Platform.Guests);
        Assert.Equal(2, (int)rig.Update(ContextPage, Operands.Release()).Status);
        Assert.Equal(FirmwareStatus.DfFlushRequired, rig.Firmware.SnpShutdown());
        Assert.True(rig.Update(S, Operands.Release()).IsSuccess);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Decommission(ContextPage));
        Assert.Equal(new AsidState(1, 0, 0, 0), rig.Asid(5));
        Assert.Equal(0U, rig.Firmware.Platform.Guests);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageReclaim(ContextPage));
        Assert.True(rig.Update(ContextPage, Operands.Release()).IsSuccess);
        rig.RequireRaw(ContextPage, 0);
        rig.Firmware.Wbinvd();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.DfFlush());
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpShutdown());
    }

    private static string[] Row(string name)
    {
        foreach (string[] row in VectorFile.Rows("firmware.txt"))
        {
            if (row[0] == name) return row;
        }

        throw new System.ArgumentException(name);
    }
}
