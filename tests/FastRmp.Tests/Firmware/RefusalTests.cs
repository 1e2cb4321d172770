using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Every refusal, in its order, and that it changes nothing.</summary>
public sealed class RefusalTests
{
    /// <summary>The first page of a region that nobody has touched.</summary>
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
        ["Metadata"] = 0x8001_0001_2345_6005,
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

    public static TheoryData<string> Commands() => [.. PageCommand.Names, "page_unsmash", "page_set_state"];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_command_starts_from_its_states_only(string command, string state)
    {
        using FirmwareRig rig = Make();
        rig.Poke(S, States[state], 0x1F);
        if (state is "Metadata") rig.Poke(Q, States["Firmware"]); // where it moves to
        if (Starts(command).Contains(state))
        {
            Assert.Equal(FirmwareStatus.Success, PageCommand.Run(rig, command, S, PageSize.Size4K));
            return;
        }

        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => PageCommand.Run(rig, command, S, PageSize.Size4K));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Without_SNP_nothing_is_looked_at(string command)
    {
        using FirmwareRig rig = Make();
        rig.Firmware.IsSnpEnabled = false;
        rig.RequireRefusal(FirmwareStatus.InvalidConfig, () => PageCommand.Run(rig, command, S + 1, PageSize.Size4K));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_misaligned_page_is_refused_before_coverage(string command)
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => PageCommand.Run(rig, command, Covered + 1, PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => PageCommand.Run(rig, command, S + 0x800, PageSize.Size4K));
        if (PageCommand.IsOf4K(command)) return;
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => PageCommand.Run(rig, command, S, PageSize.Size2M));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_page_without_an_entry_is_in_no_state(string command)
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => PageCommand.Run(rig, command, Covered, PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => PageCommand.Run(rig, command, PhysicalAddress.ValidMask & ~0x1F_FFFFUL, PageSize.Size2M));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_size_is_tested_before_the_state(string command)
    {
        using FirmwareRig rig = Make();
        rig.PokeRegion(R, 0x0000_0000_0000_0007, subLow: 1); // Firmware of 2 MiB, but every command meets it with 4 KiB
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => PageCommand.Run(rig, command, R, PageSize.Size4K));
        if (command is not ("page_unsmash" or "page_set_state"))
        {
            rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => PageCommand.Run(rig, command, S, PageSize.Size4K));
        }

        if (PageCommand.IsOf4K(command) || command is "page_reclaim" or "page_unsmash" or "page_set_state") return;
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => PageCommand.Run(rig, command, Q, PageSize.Size2M));
    }

    [Fact]
    public void No_command_changes_the_RMPs_own_pages()
    {
        using FirmwareRig rig = Make();
        rig.Table.ClaimOwnPages();
        foreach (ulong page in (ulong[])[FirmwareRig.OwnStart, FirmwareRig.OwnStart + 0x1000, FirmwareRig.OwnEnd & ~0xFFFUL])
        {
            rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageReclaim(At(page), PageSize.Size4K));
            rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.GctxCreate(At(page)));
            rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.MdInit(At(page), At(ContextPage)));
        }

        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageReclaim(At(FirmwareRig.OwnStart), PageSize.Size2M));
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.PageUnsmash(At(FirmwareRig.OwnStart)));
    }

    [Fact]
    public void A_size_that_no_RMP_page_has_is_refused()
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.SwapOut(At(0), PageSize.Size1G)); // the RMP itself lies in it
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.SwapOut(At(R), PageSize.Size1G));
    }

    [Fact]
    public void Page_reclaim_asks_for_immutable_before_the_size()
    {
        using FirmwareRig rig = Make();
        rig.PokeRegion(R, 0x4028_0000_4000_0003, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.Success, () => rig.Firmware.PageReclaim(At(S), PageSize.Size4K));
        rig.RequireRefusal(FirmwareStatus.Success, () => rig.Firmware.PageReclaim(At(T), PageSize.Size2M));
        rig.Poke(T, States["Firmware"]);
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => rig.Firmware.PageReclaim(At(T), PageSize.Size2M));
    }

    [Fact]
    public void Launch_update_refuses_a_large_save_area_and_then_reserved_bits()
    {
        using FirmwareRig rig = Make();
        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        LaunchUpdateParameters vmsa = new(IsVmsa: true, (VmplPermissions)0x20, VmplPermissions.None, VmplPermissions.None);
        rig.RequireRefusal(FirmwareStatus.InvalidPageSize, () => rig.Firmware.LaunchUpdate(At(R), PageSize.Size2M, vmsa));
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.LaunchUpdate(At(T), PageSize.Size4K, vmsa));
        rig.Poke(T, States["Pre-Guest"]);
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.LaunchUpdate(At(T), PageSize.Size4K, vmsa));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.LaunchUpdate(At(T), PageSize.Size4K, default(LaunchUpdateParameters) with { Vmpl2Permissions = (VmplPermissions)0x40 }));
        rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.LaunchUpdate(At(T), PageSize.Size4K, default(LaunchUpdateParameters) with { Vmpl3Permissions = (VmplPermissions)0x80 }));
    }

    [Fact]
    public void Swap_in_refuses_a_guest_address_and_then_reserved_bits()
    {
        using FirmwareRig rig = Make();
        SwapInParameters wrong = PageCommand.SwapIn with { Gpa = GuestPhysicalAddress.Create(0x5_4320_0800), Vmpl0Permissions = (VmplPermissions)0x20 };
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.SwapIn(At(T), PageSize.Size4K, wrong));
        rig.Poke(T, States["Pre-Guest"]);
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.SwapIn(At(T), PageSize.Size4K, wrong));
        GuestPhysicalAddress aligned = GuestPhysicalAddress.Create(0x5_4320_1000);
        for (int vmpl = 0; vmpl < 4; vmpl++)
        {
            VmplPermissions bad = (VmplPermissions)0x20;
            SwapInParameters parameters = new(aligned, false, false, vmpl == 0 ? bad : 0, vmpl == 1 ? bad : 0, vmpl == 2 ? bad : 0, vmpl == 3 ? bad : 0);
            rig.RequireRefusal(FirmwareStatus.InvalidParam, () => rig.Firmware.SwapIn(At(T), PageSize.Size4K, parameters));
        }

        rig.PokeRegion(R, 0x8028_0000_4000_0007, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.SwapIn(At(R), PageSize.Size2M, PageCommand.SwapIn with { Gpa = aligned }));
    }

    [Fact]
    public void Metadata_needs_a_context_and_then_an_address_that_fits()
    {
        using FirmwareRig rig = Make();
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => rig.Firmware.MdInit(At(S), At(R)));
        rig.Poke(S, States["Firmware"]);
        rig.RequireRefusal(FirmwareStatus.InvalidGuest, () => rig.Firmware.MdInit(At(S), At(R)));
        rig.RequireRefusal(FirmwareStatus.InvalidGuest, () => rig.Firmware.SwapInMetadata(At(S), At(S)));
        rig.RequireRefusal(FirmwareStatus.InvalidGuest, () => rig.Firmware.MdInit(At(S), At(1UL << 48)));
        rig.MakeContext(0);
        rig.RequireRefusal(FirmwareStatus.InvalidAddress, () => rig.Firmware.MdInit(At(S), At(0)));
    }

    [Fact]
    public void Activate_tests_the_ASID_then_the_guest_then_the_counter()
    {
        using FirmwareRig rig = Make();
        rig.Assign(S, 0x1000, 5);
        Assert.Equal(FirmwareStatus.InvalidAsid, rig.Firmware.Activate(0, At(R)));
        Assert.Equal(FirmwareStatus.InvalidAsid, rig.Firmware.Activate(1007, At(R)));
        Assert.Equal(FirmwareStatus.InvalidAsid, rig.Firmware.Activate(uint.MaxValue));
        Assert.Equal(FirmwareStatus.InvalidGuest, rig.Firmware.Activate(5, At(R)));
        Assert.Equal(FirmwareStatus.InvalidGuest, rig.Firmware.Activate(5, At(Covered)));
        Assert.Equal(FirmwareStatus.AsidOwned, rig.Firmware.Activate(5, At(ContextPage)));
        Assert.Equal(FirmwareStatus.AsidOwned, rig.Firmware.Activate(5));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Activate(1006, At(ContextPage)));
        rig.Firmware.IsSnpEnabled = false;
        Assert.Equal(FirmwareStatus.InvalidConfig, rig.Firmware.Activate(0));
    }

    private static HashSet<string> Starts(string command) => command switch
    {
        "gctx_create" or "swap_in_metadata" or "md_init" => ["Firmware"],
        "decommission" => ["Context"],
        "swap_out" => ["Pre-Guest", "Pre-Swap", "Metadata"],
        "page_move" => ["Pre-Guest", "Pre-Swap", "Metadata"],
        "page_reclaim" => ["Metadata", "Firmware", "Pre-Guest", "Pre-Swap", "Hypervisor", "Reclaim", "Guest-Invalid", "Guest-Valid"],
        _ => ["Pre-Guest"],
    };

    /// <summary>With a context, and a page of ASID 5 to move to.</summary>
    private static FirmwareRig Make()
    {
        FirmwareRig rig = new();
        rig.MakeContext();
        rig.Poke(Q, 0x0028_0000_7777_7005, 0x1F);
        return rig;
    }
}
