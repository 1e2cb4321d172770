using FastRmp.Firmware;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class PageMoveTests
{
    private const ulong PreGuest = 0x8028_0000_1234_5005;
    private const ulong PreSwap = 0xC028_0000_1234_5005;
    private const ulong Target = 0x8028_0000_7777_7005;

    [Theory]
    [InlineData(PreGuest, 0x0028_0000_1234_5001UL)]
    [InlineData(PreSwap, 0x4028_0000_1234_5001UL)]
    [InlineData(PreSwap | 1UL << 61, 0x6028_0000_1234_5001UL)]
    public void The_destination_takes_the_sources_place_and_the_source_keeps_all_but_three_bits(ulong source, ulong expected)
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, source, 0x4000_0001_0001_0307);
        rig.Poke(Q, Target | 1UL << 61, 0x8000_0000_0F0F_0F1F);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, Q));
        rig.RequireRaw(Q, expected, 0x4000_0001_0001_0307);
        rig.RequireRaw(S, source & 0x3FFF_FFFF_FFFF_FFFB, 0x4000_0001_0001_0307);
    }

    [Fact]
    public void A_page_of_2_MiB_moves()
    {
        using FirmwareRig rig = Make();
        rig.Assign(R, 0x4000_0000, 5, PageSize.Size2M);
        rig.Poke(R, rig.Raw(R).Low | 1UL << 62, 0x0001_0307);
        rig.Assign(Q, 0x7000_0000, 5, PageSize.Size2M);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageMove(PageCommand.Move(R, Q, PageSize.Size2M)));
        rig.RequireRaw(Q, 0x4028_0000_4000_0003, 0x0001_0307);
        rig.RequireRaw(R, 0x0028_0000_4000_0003, 0x0001_0307);
        rig.RequireRaw(Q + 0x1000, 1);
        Assert.Equal(1024UL, rig.Table.AssignedPages(5));
    }

    [Fact]
    public void Metadata_moves_to_a_firmware_page()
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, MetadataLow | 1UL << 61, 0x0307);
        rig.Poke(Q, 0x5, 0x1F);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, Q));
        rig.RequireRaw(Q, MetadataLow & ~(1UL << 63), 0x1F);
        rig.RequireRaw(S, 0x8000_0000_0000_0005, 0x0307);
    }

    [Fact]
    public void The_addresses_are_looked_up_before_the_guest_and_sizes_before_states()
    {
        using FirmwareRig rig = Make();
        Refused(rig, FirmwareStatus.InvalidParam, PageCommand.Move(S + 1, Q));
        Refused(rig, FirmwareStatus.InvalidParam, PageCommand.Move(S, Q + 0x800));
        Refused(rig, FirmwareStatus.InvalidParam, PageCommand.Move(S, OwnStart) with { GuestContext = R });
        Refused(rig, FirmwareStatus.InvalidGuest, PageCommand.Move(S, Q) with { GuestContext = R });
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        Refused(rig, FirmwareStatus.InvalidPageSize, PageCommand.Move(R, Q));
        Refused(rig, FirmwareStatus.InvalidPageSize, PageCommand.Move(Q, R));
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { Flags = GuestFlags.None });
        Refused(rig, FirmwareStatus.Inactive, PageCommand.Move(Q, Q));
        rig.SetGuest(GuestState.Init);
        Refused(rig, FirmwareStatus.InvalidGuestState, PageCommand.Move(Q, Q));
    }

    [Theory]
    [InlineData(PreGuest, 0x8000_0000_0000_0005UL)]
    [InlineData(PreGuest, PreSwap)]
    [InlineData(PreSwap, 0x0028_0000_7777_7001UL)]
    [InlineData(MetadataLow, PreGuest)]
    [InlineData(MetadataLow, MetadataLow)]
    [InlineData(0x8000_0000_0000_0005UL, 0x8000_0000_0000_0005UL)]
    public void The_destination_has_to_be_of_the_sources_kind(ulong source, ulong destination)
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, source);
        rig.Poke(Q, destination);
        Refused(rig, FirmwareStatus.InvalidPageState, PageCommand.Move(S, Q));
    }

    [Fact]
    public void Pages_of_another_guest_are_refused()
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, PreSwap);
        rig.Poke(Q, 0x8030_0000_7777_7005);
        Refused(rig, FirmwareStatus.InvalidPageOwner, PageCommand.Move(S, Q));
        Refused(rig, FirmwareStatus.InvalidPageOwner, PageCommand.Move(Q, Q));
        rig.Poke(S, 0x8001_0000_00C0_4005);
        rig.Poke(Q, 0x8000_0000_0000_0005);
        Refused(rig, FirmwareStatus.InvalidPageOwner, PageCommand.Move(S, Q));
    }

    [Fact]
    public void A_page_that_moves_onto_itself_loses_nothing_but_its_holder()
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, PreGuest | 1UL << 61, 0x0307);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, S));
        rig.RequireRaw(S, 0x2028_0000_1234_5001, 0x0307);
        rig.Poke(S, PreSwap);
        Refused(rig, FirmwareStatus.InvalidPageState, PageCommand.Move(S, S));
    }

    private static FirmwareRig Make()
    {
        FirmwareRig rig = new();
        rig.MakeContext();
        return rig;
    }

    private static FirmwareStatus Move(FirmwareRig rig, ulong source, ulong destination) =>
        rig.Firmware.PageMove(PageCommand.Move(source, destination));

    private static void Refused(FirmwareRig rig, FirmwareStatus status, PageTransferParameters parameters) =>
        rig.RequireRefusal(status, () => rig.Firmware.PageMove(parameters));
}
