using System;
using FastRmp.Firmware;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>
/// The commands on one page by their names in vectors, for the guest in <see cref="FirmwareRig.ContextPage"/>, which has ASID 5.
/// </summary>
internal static class PageCommand
{
    public const VmplPermissions Read = VmplPermissions.Read;
    public const VmplPermissions ReadWrite = VmplPermissions.Read | VmplPermissions.Write;

    public static readonly string[] Names =
    [
        "gctx_create", "decommission", "launch_update", "launch_update_vmsa", "swap_out", "swap_out_metadata", "swap_in",
        "swap_in_validated", "swap_in_vmsa",
        "swap_in_metadata", "md_init", "page_reclaim", "page_move",
    ];

    public static FirmwareStatus Run(FirmwareRig rig, string name, ulong page, PageSize size)
    {
        SevFirmware<ContiguousGeometry> firmware = rig.Firmware;
        Prepare(rig, name, size);
        return name switch
        {
            "gctx_create" => firmware.GctxCreate(page),
            "decommission" => firmware.Decommission(page),
            "launch_update" => firmware.LaunchUpdate(Launch(page, size)),
            "launch_update_vmsa" =>
                firmware.LaunchUpdate(
                    Launch(page, size) with
                    {
                        Type = LaunchPageType.Vmsa,
                        Vmpl1Permissions = Read,
                        Vmpl2Permissions = VmplPermissions.None,
                    }),
            "swap_out" => firmware.SwapOut(SwapOut(page, size)),
            "swap_out_metadata" => firmware.SwapOut(SwapOut(page, size) with { Type = SwapPageType.Metadata }),
            "swap_in" or "swap_in_validated" => firmware.SwapIn(SwapIn(page, size)),
            "swap_in_vmsa" => firmware.SwapIn(SwapIn(page, size) with { Type = SwapPageType.Vmsa }),
            "swap_in_metadata" => firmware.SwapIn(SwapIn(page, size) with { Type = SwapPageType.Metadata }),
            "md_init" => firmware.MdInit(ContextPage, page),
            "page_reclaim" => firmware.PageReclaim(page | (size == PageSize.Size2M ? 1UL : 0)),
            "page_move" => firmware.PageMove(Move(page, Q, size)),
            "page_unsmash" => firmware.PageUnsmash(page),
            _ => throw new ArgumentException(name),
        };
    }

    public static LaunchParameters Launch(ulong page, PageSize size = PageSize.Size4K) => new()
    {
        GuestContext = ContextPage,
        Page = page,
        Size = size,
        Type = LaunchPageType.Normal,
        Vmpl1Permissions = ReadWrite,
        Vmpl2Permissions = Read,
    };

    /// <summary>To a page without entry; the metadata goes to the guest's root entry.</summary>
    public static PageTransferParameters SwapOut(ulong page, PageSize size = PageSize.Size4K) =>
        new() { GuestContext = ContextPage, Source = page, Destination = Covered, Size = size, IsRoot = true };

    public static PageTransferParameters SwapIn(ulong page, PageSize size = PageSize.Size4K) =>
        new() { GuestContext = ContextPage, Source = Covered, Destination = page, Size = size, IsRoot = true };

    public static PageTransferParameters Move(ulong source, ulong destination, PageSize size = PageSize.Size4K) =>
        new() { GuestContext = ContextPage, Source = source, Destination = destination, Size = size };

    /// <summary>
    /// The guest is in the state that the command wants; what swapping in brings: gPA 0x5_4320_0000, masks 0x1F, 0x3, 0x1, 0x0.
    /// </summary>
    public static void Prepare(FirmwareRig rig, string name, PageSize size = PageSize.Size4K)
    {
        rig.SetGuest(name.StartsWith("launch_update", StringComparison.Ordinal) ? GuestState.Launch : GuestState.Running);
        MetadataEntry root = new()
        {
            IsValid = true,
            IsValidated = name == "swap_in_validated",
            IsVmsa = name == "swap_in_vmsa",
            IsMetadata = name == "swap_in_metadata",
            Size = size,
            GuestPage = 0x54_3200,
            Permissions = 0x0001_031F,
        };
        rig.Firmware.SetGuestContext(At(ContextPage), rig.Guest() with { Root = root });
    }
}
