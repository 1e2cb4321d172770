using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
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
        where TGeometry : struct, IRmpGeometry
    {
        if (!firmware.IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (request.Command == FirmwareCommand.Init) return Initialize(firmware, request.Init!);
        firmware.Platform = firmware.Platform with { Snp = SnpPlatformState.Init };
        switch (request.Command)
        {
            case FirmwareCommand.Shutdown:
                firmware.Wbinvd();
                _ = firmware.DfFlush();
                return firmware.SnpShutdownEx(new SnpShutdownExParameters { IommuShutdown = request.ReleasesIommuPages });
            case FirmwareCommand.GctxCreate:
                return firmware.GctxCreate(request.Page);
            case FirmwareCommand.Decommission:
                return firmware.Decommission(request.Page);
            case FirmwareCommand.PageReclaim:
                return firmware.PageReclaim(request.Page, request.Size);
            case FirmwareCommand.PageUnsmash:
                return firmware.PageUnsmash(request.Page);
            case FirmwareCommand.PageSetState:
                return firmware.PageSetState(new PageSetStateParameters
                {
                    ListAddress = PageSize.Size2M.Bytes(),
                    List = new PageRangeList([new PageRangeEntry(request.Page.Value, (uint)Math.Min(request.Pages, uint.MaxValue))]),
                });
            default:
                return ForGuest(firmware, request);
        }
    }

    private static FirmwareStatus Initialize<TGeometry>(SevFirmware<TGeometry> firmware, InitRanges ranges)
        where TGeometry : struct, IRmpGeometry
    {
        firmware.Machine = ranges.Configure(firmware.Machine);
        return firmware.SnpInitEx(new SnpInitExParameters { InitRmp = true, HasList = true, ListAddress = PageSize.Size2M.Bytes(), List = new PageRangeList(ranges.Fixed) });
    }

    /// <summary>The commands for a guest: the one that has the page's ASID.</summary>
    private static FirmwareStatus ForGuest<TGeometry>(SevFirmware<TGeometry> firmware, FirmwareRequest request)
        where TGeometry : struct, IRmpGeometry
    {
        LentContext<TGeometry> guest = new(firmware);
        _ = firmware.Table.TryReadRaw(request.Page, out RmpEntry entry);
        GuestState state = request.Command == FirmwareCommand.LaunchUpdate ? GuestState.Launch : GuestState.Running;
        if (request.Command == FirmwareCommand.Activate) return FirmwareStatus.Success;
        return guest.Run(state, entry.Asid, request.Sealed, request.Page, request.Other, context => request.Command switch
        {
            FirmwareCommand.LaunchUpdate => firmware.LaunchUpdate(request.Launch with { GuestContext = context, Page = request.Page.Value, Size = request.Size }),
            FirmwareCommand.SwapOut => firmware.SwapOut(new SwapOutParameters { GuestContext = context, Source = request.Page.Value, Destination = LentContext<TGeometry>.Elsewhere, Size = request.Size, IsRoot = true }),
            FirmwareCommand.SwapIn => firmware.SwapIn(new SwapInParameters
            {
                GuestContext = context,
                Source = LentContext<TGeometry>.Elsewhere,
                Destination = request.Page.Value,
                Size = request.Size,
                Type = request.Sealed.IsVmsa ? SwapPageType.Vmsa : SwapPageType.Data,
                IsRoot = true,
            }),
            FirmwareCommand.PageMove => firmware.PageMove(new PageMoveParameters { GuestContext = context, Source = request.Page.Value, Destination = request.Other.Value, Size = request.Size }),
            _ => firmware.MdInit(request.Other.Value, request.Page.Value),
        });
    }

    /// <summary>Whether a command touches the entries of the whole table.</summary>
    internal static bool TouchesTable(in FirmwareRequest request) =>
        request.Command == FirmwareCommand.Init || (request.Command == FirmwareCommand.Shutdown && request.ReleasesIommuPages);

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        FieldReader.Is(name, first) || FieldReader.Is(name, second);
}
