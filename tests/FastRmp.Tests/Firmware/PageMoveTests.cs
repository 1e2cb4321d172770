using FastRmp.Addressing;
using FastRmp.Firmware;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class PageMoveTests
{
    private const ulong PreGuest = 0x8028_0000_1234_5005;
    private const ulong PreSwap = 0xC028_0000_1234_5005;
    private const ulong Target = 0x0028_0000_7777_7005;
    private const ulong Metadata = 0x8001_0001_2345_6005;

    [Theory]
    [InlineData(PreGuest, 0x0028_0000_1234_5001UL)]
    [InlineData(PreSwap, 0x4028_0000_1234_5001UL)]
    [InlineData(PreSwap | 1UL << 61, 0x6028_0000_1234_5001UL)]
    public void The_destination_takes_the_sources_place_and_the_source_is_empty(ulong source, ulong expected)
    {
        using FirmwareRig rig = new();
        rig.Poke(S, source, 0x0001_0307);
        rig.Poke(Q, Target | 1UL << 61, 0x0F0F_0F1F);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, Q));
        rig.RequireRaw(Q, expected, 0x0001_0307);
        rig.RequireRaw(S, 0x0028_0000_1234_5001, 0x1F);
    }

    [Fact]
    public void A_page_of_2_MiB_moves()
    {
        using FirmwareRig rig = new();
        rig.Assign(R, 0x4000_0000, 5, PageSize.Size2M);
        rig.Poke(R, rig.Raw(R).Low | 1UL << 62, 0x0001_0307);
        rig.Assign(Q, 0x7000_0000, 5, PageSize.Size2M);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.PageMove(At(R), At(Q), PageSize.Size2M));
        rig.RequireRaw(Q, 0x4028_0000_4000_0003, 0x0001_0307);
        rig.RequireRaw(R, 0x0028_0000_4000_0003, 0x1F);
        rig.RequireRaw(Q + 0x1000, 1);
        Assert.Equal(1024UL, rig.Table.AssignedPages(5));
    }

    [Fact]
    public void High_bits_that_are_no_masks_stay_where_they_are()
    {
        using FirmwareRig rig = new();
        rig.Poke(S, PreSwap, 0x4000_0001_0000_0007);
        rig.Poke(Q, Target, 0x8000_0000_0000_001F);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, Q));
        rig.RequireRaw(Q, 0x4028_0000_1234_5001, 0x8000_0000_0000_0007);
        rig.RequireRaw(S, 0x0028_0000_1234_5001, 0x4000_0001_0000_001F);
    }

    [Fact]
    public void Metadata_moves_to_a_firmware_page()
    {
        using FirmwareRig rig = new();
        rig.Poke(S, Metadata, 0x1F);
        rig.Poke(Q, 0x5, 0x1F);
        Assert.Equal(FirmwareStatus.Success, Move(rig, S, Q));
        rig.RequireRaw(Q, Metadata);
        rig.RequireRaw(S, 0x8000_0000_0000_0005);
    }

    [Fact]
    public void The_source_is_tested_wholly_before_the_destination()
    {
        using FirmwareRig rig = new();
        Refused(rig, FirmwareStatus.InvalidAddress, S + 1, Covered + 1);
        Refused(rig, FirmwareStatus.InvalidPageState, Covered, Q + 1);
        Refused(rig, FirmwareStatus.InvalidPageState, S, Q + 1);
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        Refused(rig, FirmwareStatus.InvalidPageSize, S, Q + 1);
        rig.Poke(Q, PreGuest);
        Refused(rig, FirmwareStatus.InvalidAddress, Q, Q + 0x1001);
        Refused(rig, FirmwareStatus.InvalidPageState, Q, Covered);
        Refused(rig, FirmwareStatus.InvalidPageSize, Q, R);
        Refused(rig, FirmwareStatus.InvalidPageState, Q, Q + 0x1000);
    }

    [Theory]
    [InlineData(PreGuest, 0x8000_0000_0000_0005UL)]
    [InlineData(PreGuest, PreSwap)]
    [InlineData(PreSwap, 0x0028_0000_7777_7001UL)]
    [InlineData(Metadata, PreGuest)]
    [InlineData(Metadata, Metadata)]
    public void The_destination_has_to_be_of_the_sources_kind(ulong source, ulong destination)
    {
        using FirmwareRig rig = new();
        rig.Poke(S, source);
        rig.Poke(Q, destination);
        Refused(rig, FirmwareStatus.InvalidPageState, S, Q);
    }

    [Fact]
    public void Pages_of_two_guests_are_refused()
    {
        using FirmwareRig rig = new();
        rig.Poke(S, PreSwap);
        rig.Poke(Q, 0x0030_0000_7777_7005);
        Refused(rig, FirmwareStatus.InvalidPageOwner, S, Q);
    }

    [Fact]
    public void A_page_does_not_move_onto_itself()
    {
        using FirmwareRig rig = new();
        rig.Poke(S, PreGuest);
        Refused(rig, FirmwareStatus.InvalidParam, S, S);
        rig.Poke(S, PreSwap);
        Refused(rig, FirmwareStatus.InvalidPageState, S, S);
    }

    private static FirmwareStatus Move(FirmwareRig rig, ulong source, ulong destination) =>
        rig.Firmware.PageMove(At(source), At(destination), PageSize.Size4K);

    private static void Refused(FirmwareRig rig, FirmwareStatus status, ulong source, ulong destination) =>
        rig.RequireRefusal(status, () => Move(rig, source, destination));
}
