using System.Collections.Generic;
using FastRmp.Firmware;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Every refusal of a command on a page, in its order, and that it changes nothing.</summary>
public sealed class RefusalTests
{
    /// <summary>The first page of an untouched region.</summary>
    private const ulong T = 0xE0_0000;

    /// <summary>A page of every state that there is a raw entry for.</summary>
    private static readonly Dictionary<string, ulong> States = new()
    {
        ["Hypervisor"] = 0,
        ["HV_Fixed"] = 0x4,
        ["Firmware"] = 0x8000_0000_0000_0005,
        ["Firmware-IOMMU"] = 0x8002_0000_0000_1005,
        ["Reclaim"] = 0x1,
        ["Context"] = 0xA000_0000_0000_0005,
        ["Metadata"] = MetadataLow,
        ["Pre-Guest"] = 0x8028_0000_1234_5005,
        ["Pre-Swap"] = 0xC028_0000_1234_5005,
        ["Guest-Invalid"] = 0x0028_0000_1234_5001,
        ["Guest-Valid"] = 0x4028_0000_1234_5001,
        ["Invalid"] = 0x8003_0000_0000_1005,
    };

    public static TheoryData<string, string> Pairs()
    {
        TheoryData<string, string> pairs = [];
        foreach (string command in PageCommand.Names)
        {
            foreach (string state in States.Keys)
            {
                pairs.Add(command, state);
            }
        }

        return pairs;
    }

    public static TheoryData<string> Commands() => [.. PageCommand.Names, "page_unsmash"];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_command_starts_from_its_states_only(string command, string state)
    {
        using FirmwareRig rig = WithGuestPage();
        rig.Poke(S, States[state], 0x1F);
        if (state is "Metadata") rig.Poke(Q, States["Firmware"]); // where it moves to
        if (Starts(command).Contains(state))
        {
            Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, command, S, PageSize.Size4K));
            return;
        }

        FirmwareStatus expected = command == "decommission" ? FirmwareStatus.InvalidGuest : FirmwareStatus.InvalidPageState;
        rig.RequireRefusal(expected, () => PageCommand.Run(rig, command, S, PageSize.Size4K));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Before_SNP_INIT_only_reserved_bits_are_looked_at(string command)
    {
        using FirmwareRig rig = WithGuestPage();
        rig.Firmware.Platform = rig.Firmware.Platform with { IsSnpInitialized = false };
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, () => PageCommand.Run(rig, command, R, PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidPlatformState, () => PageCommand.Run(rig, command, OwnStart + 0x20_0000, PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => PageCommand.Run(rig, command, S + 0x800, PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => PageCommand.Run(rig, command, Covered + 8, PageSize.Size4K));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_page_of_the_RMP_is_no_parameter(string command)
    {
        using FirmwareRig rig = WithGuestPage();
        FirmwareStatus expected = command == "page_reclaim" ? FirmwareStatus.InvalidAddress : FirmwareStatus.InvalidParam;
        rig.RequireRefusal(expected, () => PageCommand.Run(rig, command, OwnStart, PageSize.Size4K));
        if (command == "page_unsmash") return;
        rig.RequireRefusal(expected, () => PageCommand.Run(rig, command, OwnEnd - 0xFFF, PageSize.Size4K));
        rig.RequireRefusal(expected, () => PageCommand.Run(rig, command, OwnStart | (1UL << 51), PageSize.Size4K));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_page_without_an_entry_is_in_no_state(string command)
    {
        using FirmwareRig rig = WithGuestPage();
        FirmwareStatus expected = command switch
        {
            "page_reclaim" => FirmwareStatus.Success,
            "decommission" => FirmwareStatus.InvalidGuest,
            _ => FirmwareStatus.InvalidPageState,
        };
        rig.RequireRefusal(expected, () => PageCommand.Run(rig, command, Covered, PageSize.Size4K));
    }

    [Theory]
    [InlineData("gctx_create", "Firmware")]
    [InlineData("launch_update", "Pre-Guest")]
    [InlineData("swap_out", "Pre-Swap")]
    [InlineData("swap_in", "Pre-Guest")]
    [InlineData("page_move", "Pre-Guest")]
    [InlineData("page_reclaim", "Guest-Valid")]
    public void The_size_is_that_of_the_pages_own_entry(string command, string state)
    {
        using FirmwareRig rig = WithGuestPage();
        rig.PokeRegion(R, (States[state] & ~0x1F_F000UL) | 2, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => PageCommand.Run(rig, command, R, PageSize.Size4K));
        rig.Poke(T, States[state]);
        if (command != "gctx_create")
        {
            rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => PageCommand.Run(rig, command, T, PageSize.Size2M));
        }
    }

    [Fact]
    public void Gctx_create_tests_the_state_before_the_size()
    {
        using FirmwareRig rig = WithGuestPage();
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.GctxCreate(R));
        rig.Firmware.Machine = rig.Firmware.Machine with { Dram = [Range(0, 0x7F_FFFF), Range(R + 0x1000, Covered - 1)] };
        rig.Poke(R, 0x8000_0000_0000_0005);
        rig.RequireRefusal(FirmwareStatus.InvalidConfig, () => rig.Firmware.GctxCreate(R));
        rig.Poke(S, 0x8000_0000_0000_0005);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.GctxCreate(S));
    }

    [Fact]
    public void Page_reclaim_sees_a_piece_of_a_large_page_as_one_that_is_given_back()
    {
        using FirmwareRig rig = WithGuestPage();
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.Success, () => rig.Firmware.PageReclaim(At(S), PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => rig.Firmware.PageReclaim(At(T), PageSize.Size2M));
        rig.Poke(T + 0x1000, 0x8000_0000_0000_0007); // a size that no such page has
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageReclaim(At(T + 0x1000), PageSize.Size2M));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.PageReclaim(S | 2));
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageReclaim(At(0xA_0000), PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageReclaim(S | (1UL << 46)));
    }

    [Fact]
    public void Launch_update_in_the_order_of_its_tests()
    {
        using FirmwareRig rig = WithGuestPage();
        rig.SetGuest(GuestState.Launch);
        rig.Poke(T + 0x1000, 0x8028_0000_1234_5007);
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        LaunchParameters large = PageCommand.Launch(R, PageSize.Size2M);
        Refused(FirmwareStatus.InvalidParam, large with { HasReservedBits = true });
        Refused(FirmwareStatus.InvalidParam, large with { GuestContext = ContextPage + 8 });
        Refused(FirmwareStatus.InvalidGuest, large with { GuestContext = S, Page = OwnStart });
        Refused(FirmwareStatus.InvalidParam, large with { Page = OwnStart });
        Refused(FirmwareStatus.InvalidPageState, large with { Page = T, Type = LaunchPageType.None });
        Refused(FirmwareStatus.InvalidPageSize, large with { Size = PageSize.Size4K, Type = LaunchPageType.None });
        Refused(FirmwareStatus.InvalidAddress, large with { Page = T + 0x1000, Type = LaunchPageType.Vmsa });
        foreach (LaunchPageType type in (LaunchPageType[])[LaunchPageType.Vmsa, LaunchPageType.Secrets, LaunchPageType.Cpuid])
        {
            Refused(FirmwareStatus.InvalidPageSize, large with { Type = type });
        }

        Refused(FirmwareStatus.InvalidParam, large with { Type = LaunchPageType.None });
        Refused(FirmwareStatus.InvalidParam, large with { Type = (LaunchPageType)7 });
        rig.SetGuest(GuestState.Running);
        Refused(FirmwareStatus.InvalidParam, large with { Type = LaunchPageType.None });
        Refused(FirmwareStatus.InvalidGuestState, large);
        rig.SetGuest(GuestState.Launch, asid: 6);
        Refused(FirmwareStatus.InvalidPageOwner, large);
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { Flags = GuestFlags.EncryptedState });
        Refused(FirmwareStatus.Inactive, large);
        rig.SetGuest(GuestState.Launch);
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { IsMigrationImage = true });
        Refused(FirmwareStatus.InvalidParam, large);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.LaunchUpdate(large with { IsMigrationImage = true }));

        void Refused(FirmwareStatus status, LaunchParameters parameters) =>
            rig.RequireRefusal(status, () => rig.Firmware.LaunchUpdate(parameters));
    }

    [Fact]
    public void Swap_out_in_the_order_of_its_tests()
    {
        using FirmwareRig rig = WithGuestPage();
        rig.Poke(S, States["Pre-Swap"]);
        rig.Poke(T, MetadataLow);
        rig.Poke(T + 0x1000, 0x8001_0000_00C0_4005);
        PageTransferParameters swap = PageCommand.SwapOut(S) with { IsRoot = false, Metadata = T + 64, Destination = Covered };
        Refused(FirmwareStatus.InvalidParam, swap with { HasReservedBits = true });
        Refused(FirmwareStatus.InvalidParam, swap with { Source = OwnStart, GuestContext = R });
        Refused(FirmwareStatus.InvalidGuest, swap with { GuestContext = R, Metadata = T + 1 });
        Refused(FirmwareStatus.InvalidParam, swap with { Metadata = T + 8 });
        Refused(FirmwareStatus.InvalidParam, swap with { Metadata = S + 64 });
        Refused(FirmwareStatus.InvalidParam, swap with { Destination = T });
        Refused(FirmwareStatus.InvalidPageState, swap with { Metadata = R + 64, Size = PageSize.Size2M, Source = T + 0x2000 });
        Refused(FirmwareStatus.InvalidPageOwner, swap with { Metadata = T + 0x1000, Size = PageSize.Size2M, Source = T + 0x2000 });
        Refused(FirmwareStatus.InvalidPageSize, swap with { Size = PageSize.Size2M, Metadata = T + 64 });
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { State = GuestState.Init, Flags = GuestFlags.None });
        Refused(FirmwareStatus.InvalidGuestState, swap with { Type = SwapPageType.Metadata });
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { State = GuestState.Running });
        Refused(FirmwareStatus.Inactive, swap with { Type = SwapPageType.Metadata });
        rig.SetGuest(GuestState.Running, asid: 6);
        Refused(FirmwareStatus.InvalidPageState, swap with { Type = SwapPageType.Metadata });
        Refused(FirmwareStatus.InvalidPageState, swap with { Type = (SwapPageType)3 });
        Refused(FirmwareStatus.InvalidPageState, swap with { Destination = R });
        Refused(FirmwareStatus.InvalidPageOwner, swap);
        rig.SetGuest(GuestState.Running);
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { IvCount = ulong.MaxValue - 1 });
        Refused(FirmwareStatus.AeadOverflow, swap);

        void Refused(FirmwareStatus status, PageTransferParameters parameters) =>
            rig.RequireRefusal(status, () => rig.Firmware.SwapOut(parameters));
    }

    [Fact]
    public void Swap_in_in_the_order_of_its_tests()
    {
        using FirmwareRig rig = WithGuestPage();
        PageCommand.Prepare(rig, "swap_in");
        rig.Poke(S, States["Pre-Guest"]);
        PageTransferParameters swap = PageCommand.SwapIn(S);
        rig.SetGuest(GuestState.Init);
        Refused(FirmwareStatus.InvalidGuestState, swap);
        PageCommand.Prepare(rig, "swap_in");
        Refused(FirmwareStatus.InvalidMetadataEntry, swap with { Type = SwapPageType.Vmsa, Size = PageSize.Size2M });
        Refused(FirmwareStatus.InvalidMetadataEntry, swap with { Type = SwapPageType.Metadata });
        Refused(FirmwareStatus.InvalidMetadataEntry, swap with { Type = (SwapPageType)3 });
        Refused(FirmwareStatus.InvalidPageSize, swap with { Size = PageSize.Size2M });
        Refused(FirmwareStatus.InvalidPageState, swap with { Destination = T });
        Refused(FirmwareStatus.InvalidAddress, swap with { IsInPlace = true });
        rig.Poke(S, States["Pre-Guest"] ^ (1UL << 51));
        Refused(FirmwareStatus.InvalidPageOwner, swap);
        PageCommand.Prepare(rig, "swap_in_metadata");
        Refused(FirmwareStatus.InvalidParam, swap with { Type = SwapPageType.Metadata, IsInPlace = true });
        Refused(FirmwareStatus.InvalidPageState, swap with { Type = SwapPageType.Metadata });
        PageCommand.Prepare(rig, "swap_in_vmsa", PageSize.Size2M);
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        Refused(FirmwareStatus.InvalidPageSize, swap with { Type = SwapPageType.Vmsa, Size = PageSize.Size2M, Destination = R });
        Refused(
            FirmwareStatus.InvalidParam, swap with { Type = SwapPageType.Vmsa, Size = PageSize.Size2M, Destination = R, IsInPlace = true });
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { Root = default });
        Refused(FirmwareStatus.InvalidMetadataEntry, swap);

        void Refused(FirmwareStatus status, PageTransferParameters parameters) =>
            rig.RequireRefusal(status, () => rig.Firmware.SwapIn(parameters));
    }

    [Fact]
    public void Metadata_needs_a_guest_that_was_launched()
    {
        using FirmwareRig rig = WithGuestPage();
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.MdInit(R, OwnStart));
        rig.RequireRefusal(FirmwareStatus.InvalidGuest, () => rig.Firmware.MdInit(R, R));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.MdInit(ContextPage, S));
        rig.Poke(S, States["Firmware"]);
        rig.SetGuest(GuestState.Init);
        rig.RequireRefusal(FirmwareStatus.InvalidGuestState, () => rig.Firmware.MdInit(ContextPage, S));
        rig.SetGuest(GuestState.Running);
        rig.Poke(0xA_0000, States["Firmware"]);
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.MdInit(ContextPage, 0xA_0000));
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { Flags = GuestFlags.None });
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.MdInit(ContextPage | (1UL << 51), S | (1UL << 51)));
        rig.RequireRaw(S, MetadataLow);
    }

    private static HashSet<string> Starts(string command) => command switch
    {
        "gctx_create" or "swap_in_metadata" or "md_init" => ["Firmware"],
        "decommission" => ["Context"],
        "swap_out" => ["Pre-Guest", "Pre-Swap"],
        "swap_out_metadata" => ["Metadata"],
        "page_move" => ["Pre-Guest", "Pre-Swap", "Metadata"],
        "page_reclaim" => ["Metadata", "Firmware", "Pre-Guest", "Pre-Swap", "Hypervisor", "Reclaim", "Guest-Invalid", "Guest-Valid"],
        _ => ["Pre-Guest"],
    };
}
