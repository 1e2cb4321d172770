using FastRmp.Addressing;
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
        using FirmwareRig rig = Make();
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
        using FirmwareRig rig = Make();
        string[] row = Row(name);
        rig.Poke(R, VectorFile.Number(row[3]) | (255 << 3), VectorFile.Number(row[4]));
        Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, row[1], R, PageSize.Size4K));
        rig.RequireRaw(R, VectorFile.Number(row[5]) | (255 << 3), VectorFile.Number(row[6]));
    }

    [Theory]
    [MemberData(nameof(Names), "2M")]
    public void A_page_of_2_MiB_changes_in_its_base_alone(string name)
    {
        using FirmwareRig rig = Make();
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
    public void A_guest_address_is_stored_as_the_processor_stores_one()
    {
        using FirmwareRig rig = new(processor: FastRmp.Model.ProcessorModel.Milan);
        rig.Assign(S, 0x1000, 5);
        SwapInParameters parameters = PageCommand.SwapIn with { Gpa = GuestPhysicalAddress.Create(0xF_FFFF_FFFF_F000) };
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SwapIn(At(S), PageSize.Size4K, parameters));
        rig.RequireRaw(S, 0x8028_FFFF_FFFF_F005, 0x0001_031F);
        using FirmwareRig genoa = new();
        genoa.Assign(S, 0x1000, 5);
        Assert.Equal(FirmwareStatus.Success, genoa.Firmware.SwapIn(At(S), PageSize.Size4K, parameters));
        genoa.RequireRaw(S, 0x802F_FFFF_FFFF_F005, 0x0001_031F);
    }

    [Fact]
    public void Context_pages_are_named_by_any_address_in_them()
    {
        using FirmwareRig rig = Make();
        rig.Assign(S, 0, 0);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.MdInit(At(S), At(ContextPage + 0xABC)));
        rig.RequireRaw(S, MetadataLow);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Activate(5, At(ContextPage + 0xABC)));
    }

    [Fact]
    public void A_launch_from_the_hosts_first_step_to_the_last()
    {
        using FirmwareRig rig = Make();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Activate(5, At(ContextPage)));
        rig.Assign(S, 0x1234_5000, 5);
        rig.RequireRaw(S, 0x0028_0000_1234_5005, 0x1F);
        Assert.Equal(FirmwareStatus.AsidOwned, rig.Firmware.Activate(5));
        Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, "launch_update", S, PageSize.Size4K));
        Assert.Equal(2, (int)rig.Update(ContextPage, Operands.Release()).Status);
        Assert.True(rig.Update(S, Operands.Release()).IsSuccess);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Activate(5));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Decommission(At(ContextPage)));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageReclaim(At(ContextPage), PageSize.Size4K));
        Assert.True(rig.Update(ContextPage, Operands.Release()).IsSuccess);
        rig.RequireRaw(ContextPage, 0);
    }

    private static FirmwareRig Make()
    {
        FirmwareRig rig = new();
        rig.MakeContext();
        return rig;
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
