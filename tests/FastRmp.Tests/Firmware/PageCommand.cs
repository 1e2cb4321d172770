using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>The commands on one page by their names in vectors.</summary>
internal static class PageCommand
{
    public const VmplPermissions Read = VmplPermissions.Read;
    public const VmplPermissions ReadWrite = VmplPermissions.Read | VmplPermissions.Write;

    /// <summary>What <c>swap_in</c> brings: gPA 0x5_4320_0000, masks 0x1F, 0x3, 0x1, 0x0.</summary>
    public static readonly SwapInParameters SwapIn = new(
        GuestPhysicalAddress.Create(0x5_4320_0000), IsValidated: false, IsVmsa: false, (VmplPermissions)0x1F, ReadWrite, Read, VmplPermissions.None);

    public static readonly string[] Names =
    [
        "gctx_create", "decommission", "launch_update", "launch_update_vmsa", "swap_out", "swap_in", "swap_in_validated", "swap_in_vmsa",
        "swap_in_metadata", "md_init", "page_reclaim", "page_move",
    ];

    public static FirmwareStatus Run(FirmwareRig rig, string name, ulong address, PageSize size)
    {
        SevFirmware<FastRmp.Rmp.ContiguousGeometry> firmware = rig.Firmware;
        PhysicalAddress page = At(address);
        return name switch
        {
            "gctx_create" => firmware.GctxCreate(page),
            "decommission" => firmware.Decommission(page),
            "launch_update" => firmware.LaunchUpdate(page, size, new LaunchUpdateParameters(false, ReadWrite, Read, VmplPermissions.None)),
            "launch_update_vmsa" => firmware.LaunchUpdate(page, size, new LaunchUpdateParameters(true, Read, VmplPermissions.None, VmplPermissions.None)),
            "swap_out" => firmware.SwapOut(page, size),
            "swap_in" => firmware.SwapIn(page, size, SwapIn),
            "swap_in_validated" => firmware.SwapIn(page, size, SwapIn with { IsValidated = true }),
            "swap_in_vmsa" => firmware.SwapIn(page, size, SwapIn with { IsVmsa = true }),
            "swap_in_metadata" => firmware.SwapInMetadata(page, At(ContextPage)),
            "md_init" => firmware.MdInit(page, At(ContextPage)),
            "page_reclaim" => firmware.PageReclaim(page, size),
            "page_move" => firmware.PageMove(page, At(Q), size),
            "page_unsmash" => firmware.PageUnsmash(page),
            "page_set_state" => firmware.PageSetState(page),
            _ => throw new ArgumentException(name),
        };
    }

    /// <summary>Whether the command has no operand for the size: it means 4 KiB.</summary>
    public static bool IsOf4K(string name) => name is "gctx_create" or "decommission" or "swap_in_metadata" or "md_init";
}
