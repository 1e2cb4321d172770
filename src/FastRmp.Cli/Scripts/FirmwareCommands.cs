using System;
using System.Runtime.InteropServices;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>The names of firmware's commands, and their execution.</summary>
internal static class FirmwareCommands
{
    /// <summary>Finds a command by its name, in any case, with or without <c>snp_</c>.</summary>
    internal static FirmwareCommand Find(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> prefix = "snp_"u8;
        ReadOnlySpan<byte> name = word.Length > prefix.Length && FieldReader.Is(word[..prefix.Length], prefix)
            ? word[prefix.Length..]
            : word;
        if (FieldReader.Is(name, "init"u8)) return FirmwareCommand.Init;
        if (FieldReader.Is(name, "init_ex"u8)) return FirmwareCommand.InitEx;
        if (FieldReader.Is(name, "shutdown"u8)) return FirmwareCommand.Shutdown;
        if (FieldReader.Is(name, "shutdown_ex"u8)) return FirmwareCommand.ShutdownEx;
        if (FieldReader.Is(name, "df_flush"u8)) return FirmwareCommand.DfFlush;
        if (FieldReader.Is(name, "sev_init"u8)) return FirmwareCommand.SevInit;
        if (FieldReader.Is(name, "sev_shutdown"u8)) return FirmwareCommand.SevShutdown;
        if (FieldReader.Is(name, "platform_status"u8)) return FirmwareCommand.PlatformStatus;
        if (FieldReader.Is(name, "guest_status"u8)) return FirmwareCommand.GuestStatus;
        if (FieldReader.Is(name, "asid"u8)) return FirmwareCommand.AsidStatus;
        if (FieldReader.Is(name, "activate"u8)) return FirmwareCommand.Activate;
        if (FieldReader.Is(name, "activate_ex"u8)) return FirmwareCommand.ActivateEx;
        if (Is(name, "page_set_state"u8, "set_state"u8)) return FirmwareCommand.PageSetState;
        if (Is(name, "page_unsmash"u8, "unsmash"u8)) return FirmwareCommand.PageUnsmash;
        if (FieldReader.Is(name, "gctx_create"u8)) return FirmwareCommand.GctxCreate;
        if (FieldReader.Is(name, "decommission"u8)) return FirmwareCommand.Decommission;
        if (FieldReader.Is(name, "launch_start"u8)) return FirmwareCommand.LaunchStart;
        if (FieldReader.Is(name, "launch_update"u8)) return FirmwareCommand.LaunchUpdate;
        if (FieldReader.Is(name, "launch_finish"u8)) return FirmwareCommand.LaunchFinish;
        if (FieldReader.Is(name, "swap_out"u8)) return FirmwareCommand.SwapOut;
        if (FieldReader.Is(name, "swap_in"u8)) return FirmwareCommand.SwapIn;
        if (FieldReader.Is(name, "page_move"u8)) return FirmwareCommand.PageMove;
        if (FieldReader.Is(name, "md_init"u8)) return FirmwareCommand.MdInit;
        return FieldReader.Is(name, "page_reclaim"u8) ? FirmwareCommand.PageReclaim : FirmwareCommand.Unknown;
    }

    /// <summary>Executes a command.</summary>
    internal static FirmwareStatus Execute<TGeometry>(SevFirmware<TGeometry> firmware, FirmwareRequest request)
        where TGeometry : struct, IRmpGeometry
    {
        TemporaryGuestContext<TGeometry> temporary = new(firmware);
        return request.Command switch
        {
            FirmwareCommand.Init or FirmwareCommand.InitEx => Initialize(firmware, request, temporary),
            FirmwareCommand.Shutdown when !request.IsExtended => firmware.SnpShutdown(),
            FirmwareCommand.Shutdown or FirmwareCommand.ShutdownEx => firmware.SnpShutdownEx(new PlatformParameters
            {
                IommuShutdown = request.IommuShutdown,
                X86Shutdown = request.X86Shutdown,
                Length = request.Length,
            }),
            FirmwareCommand.DfFlush => Flush(firmware, request.IsWithoutWbinvd),
            FirmwareCommand.SevInit => firmware.SevInit(),
            FirmwareCommand.SevShutdown => firmware.SevShutdown(),
            FirmwareCommand.GctxCreate => firmware.GctxCreate(request.Page),
            FirmwareCommand.Decommission => firmware.Decommission(request.Page),
            FirmwareCommand.Activate or FirmwareCommand.ActivateEx =>
                request.HasContext ? Activate(firmware, request, request.Context.Value) : Activate(firmware, request, temporary),
            FirmwareCommand.LaunchStart => firmware.LaunchStart(new LaunchParameters
            {
                GuestContext = request.Page.Value,
                Policy = request.Policy,
                HasMigrationAgent = request.HasOther,
                MigrationAgent = request.Other.Value,
                IsMigrationImage = request.IsMigrationImage,
            }),
            FirmwareCommand.LaunchFinish => firmware.LaunchFinish(new LaunchParameters { GuestContext = request.Page.Value }),
            FirmwareCommand.MdInit => firmware.MdInit(request.Context, request.Page),
            FirmwareCommand.PageReclaim => firmware.PageReclaim(request.Page, request.Size),
            FirmwareCommand.PageUnsmash => firmware.PageUnsmash(request.Page),
            FirmwareCommand.PageSetState => temporary.WithFreePage(place => firmware.PageSetState(new PlatformParameters
            {
                Length = request.Length,
                ListAddress = request.HasOther ? request.Other.Value : place,
                Ranges = CollectionsMarshal.AsSpan(request.Ranges),
            })),
            FirmwareCommand.LaunchUpdate =>
                temporary.Run(request, GuestState.Launch, (context, _) => LaunchUpdate(firmware, request, context)),
            FirmwareCommand.SwapOut =>
                temporary.Run(request, GuestState.Running, (context, place) => SwapOut(firmware, request, context, place)),
            FirmwareCommand.SwapIn =>
                temporary.Run(request, GuestState.Running, (context, place) => SwapIn(firmware, request, context, place)),
            FirmwareCommand.PageMove => temporary.Run(
                request, GuestState.Running, (context, _) => firmware.PageMove(new PageTransferParameters
                {
                    GuestContext = context,
                    Source = request.Page.Value,
                    Destination = request.Other.Value,
                    Size = request.Size,
                })),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Command, "There is no such command."),
        };
    }

    /// <summary>Whether a command touches the entries of the whole table.</summary>
    internal static bool TouchesTable(in FirmwareRequest request) =>
        request is { Command: FirmwareCommand.Init or FirmwareCommand.InitEx, InitRmp: true };

    private static FirmwareStatus Initialize<TGeometry>(
        SevFirmware<TGeometry> firmware, FirmwareRequest request, TemporaryGuestContext<TGeometry> temporary)
        where TGeometry : struct, IRmpGeometry
    {
        InitRanges ranges = request.Init!;
        if (request.InitRmp || ranges.DescribesMachine) firmware.Machine = ranges.Configure(firmware.Machine);
        PageRangeEntry[] listed = ranges.Listed();
        return temporary.WithFreePage(place => firmware.SnpInitEx(new PlatformParameters
        {
            InitRmp = request.InitRmp,
            HasList = listed.Length != 0,
            ListAddress = listed.Length != 0 ? place : 0,
            Ranges = listed,
        }));
    }

    private static FirmwareStatus Flush<TGeometry>(SevFirmware<TGeometry> firmware, bool isWithoutWbinvd)
        where TGeometry : struct, IRmpGeometry
    {
        if (!isWithoutWbinvd) firmware.Wbinvd();
        return firmware.DfFlush();
    }

    /// <summary>On behalf of nobody: the tests are made, and the ASID is not taken.</summary>
    private static FirmwareStatus Activate<TGeometry>(
        SevFirmware<TGeometry> firmware, FirmwareRequest request, TemporaryGuestContext<TGeometry> temporary)
        where TGeometry : struct, IRmpGeometry
    {
        AsidState before = firmware.AsidStateOf(request.Asid);
        FirmwareStatus status = temporary.RunAs(
            new GuestContext { State = GuestState.Running }, default, default, (context, _) => Activate(firmware, request, context));
        _ = firmware.TrySetAsidState(request.Asid, before);
        return status;
    }

    private static FirmwareStatus Activate<TGeometry>(SevFirmware<TGeometry> firmware, in FirmwareRequest request, ulong context)
        where TGeometry : struct, IRmpGeometry =>
        request.Command == FirmwareCommand.Activate
            ? firmware.Activate(context, request.Asid)
            : firmware.ActivateEx(context, request.Asid, (ushort)((1U << firmware.Machine.CoreComplexes) - 1));

    private static FirmwareStatus LaunchUpdate<TGeometry>(SevFirmware<TGeometry> firmware, in FirmwareRequest request, ulong context)
        where TGeometry : struct, IRmpGeometry => firmware.LaunchUpdate(new LaunchParameters
        {
            GuestContext = context,
            Page = request.Page.Value,
            Size = request.Size,
            Type = (LaunchPageType)request.Type,
            IsMigrationImage = request.IsMigrationImage,
            Vmpl1Permissions = request.Mask1,
            Vmpl2Permissions = request.Mask2,
            Vmpl3Permissions = request.Mask3,
        });

    private static FirmwareStatus SwapOut<TGeometry>(
        SevFirmware<TGeometry> firmware, in FirmwareRequest request, ulong context, ulong place)
        where TGeometry : struct, IRmpGeometry
    {
        bool isMetadata = TemporaryGuestContext<TGeometry>.IsMetadata(firmware, request.Page, out _);
        return firmware.SwapOut(new PageTransferParameters
        {
            GuestContext = context,
            Source = request.Page.Value,
            Destination = request.HasOther ? request.Other.Value : place,
            Metadata = request.Entry.Value,
            IsRoot = !request.HasEntry,
            Size = request.Size,
            Type = request.HasType ? (SwapPageType)request.Type : isMetadata ? SwapPageType.Metadata : SwapPageType.Data,
        });
    }

    private static FirmwareStatus SwapIn<TGeometry>(SevFirmware<TGeometry> firmware, in FirmwareRequest request, ulong context, ulong place)
        where TGeometry : struct, IRmpGeometry
    {
        PageTransferParameters parameters = new()
        {
            GuestContext = context,
            Source = request.IsInPlace ? request.Page.Value : request.HasOther ? request.Other.Value : place,
            Destination = request.Page.Value,
            Metadata = request.Entry.Value,
            IsRoot = !request.HasEntry,
            Size = request.Size,
            Type = (SwapPageType)request.Type,
            IsInPlace = request.IsInPlace,
        };
        if (!request.IsSealed) return firmware.SwapIn(parameters);

        // The context's own entry has the state that the line names for the time of the command.
        PhysicalAddress page = PhysicalAddress.Truncate(
            context & PhysicalAddress.ValidMask & ~(1UL << firmware.Machine.EncryptionBit)).AlignDown(PageSize.Size4K);
        _ = firmware.TryGetGuestContext(page, out GuestContext content);
        firmware.SetGuestContext(page, content with { Root = request.Sealed });
        FirmwareStatus status = firmware.SwapIn(parameters);
        firmware.SetGuestContext(page, content);
        return status;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        FieldReader.Is(name, first) || FieldReader.Is(name, second);
}
