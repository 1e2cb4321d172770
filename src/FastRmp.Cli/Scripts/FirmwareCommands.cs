using System;
using FastRmp.Firmware;
using FastRmp.Rmp;

namespace FastRmp.Cli.Scripts;

/// <summary>The names of firmware's commands, and their execution.</summary>
internal static class FirmwareCommands
{
    /// <summary>Finds a command by its name, in any case, with or without <c>snp_</c>.</summary>
    internal static FirmwareCommand Find(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> prefix = "snp_"u8;
        ReadOnlySpan<byte> name = word.Length > prefix.Length && FieldReader.Is(word[..prefix.Length], prefix) ? word[prefix.Length..] : word;
        if (Is(name, "init"u8, "init_ex"u8)) return FirmwareCommand.Init;
        if (Is(name, "shutdown"u8, "shutdown_ex"u8)) return FirmwareCommand.Shutdown;
        if (Is(name, "activate"u8, "activate_ex"u8)) return FirmwareCommand.Activate;
        if (Is(name, "page_set_state"u8, "set_state"u8)) return FirmwareCommand.PageSetState;
        if (Is(name, "page_unsmash"u8, "unsmash"u8)) return FirmwareCommand.PageUnsmash;
        if (FieldReader.Is(name, "gctx_create"u8)) return FirmwareCommand.GctxCreate;
        if (FieldReader.Is(name, "decommission"u8)) return FirmwareCommand.Decommission;
        if (FieldReader.Is(name, "launch_update"u8)) return FirmwareCommand.LaunchUpdate;
        if (FieldReader.Is(name, "swap_out"u8)) return FirmwareCommand.SwapOut;
        if (FieldReader.Is(name, "swap_in"u8)) return FirmwareCommand.SwapIn;
        if (FieldReader.Is(name, "page_move"u8)) return FirmwareCommand.PageMove;
        if (FieldReader.Is(name, "md_init"u8)) return FirmwareCommand.MdInit;
        return FieldReader.Is(name, "page_reclaim"u8) ? FirmwareCommand.PageReclaim : FirmwareCommand.Unknown;
    }

    /// <summary>Executes a command.</summary>
    internal static FirmwareStatus Execute<TGeometry>(SevFirmware<TGeometry> firmware, in FirmwareRequest request)
        where TGeometry : struct, IRmpGeometry => request.Command switch
        {
            FirmwareCommand.Init => firmware.SnpInit(request.Init!.Parameters),
            FirmwareCommand.Shutdown => firmware.Shutdown(request.ReleasesIommuPages),
            FirmwareCommand.GctxCreate => firmware.GctxCreate(request.Page),
            FirmwareCommand.Decommission => firmware.Decommission(request.Page),
            FirmwareCommand.Activate => request.HasOther ? firmware.Activate(request.Asid, request.Other) : firmware.Activate(request.Asid),
            FirmwareCommand.LaunchUpdate => firmware.LaunchUpdate(request.Page, request.Size, request.Launch),
            FirmwareCommand.SwapOut => firmware.SwapOut(request.Page, request.Size),
            FirmwareCommand.SwapIn => firmware.SwapIn(request.Page, request.Size, request.SwapIn),
            FirmwareCommand.SwapInMetadata => firmware.SwapInMetadata(request.Page, request.Other),
            FirmwareCommand.PageMove => firmware.PageMove(request.Page, request.Other, request.Size),
            FirmwareCommand.MdInit => firmware.MdInit(request.Page, request.Other),
            FirmwareCommand.PageSetState => firmware.PageSetState(request.Page, request.Pages),
            FirmwareCommand.PageReclaim => firmware.PageReclaim(request.Page, request.Size),
            FirmwareCommand.PageUnsmash => firmware.PageUnsmash(request.Page),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Command, "There is no such command."),
        };

    /// <summary>Whether a command touches the entries of the whole table.</summary>
    internal static bool TouchesTable(in FirmwareRequest request) =>
        request.Command == FirmwareCommand.Init || (request.Command == FirmwareCommand.Shutdown && request.ReleasesIommuPages);

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        FieldReader.Is(name, first) || FieldReader.Is(name, second);
}
