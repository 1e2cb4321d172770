using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Firmware;

namespace FastRmp.Tests.Firmware;

/// <summary>A command as a vector writes it: its name, then fields with hexadecimal values; what is not named is 0.</summary>
internal sealed class VectorCommand
{
    private readonly Dictionary<string, ulong> _fields = [];
    private readonly List<PageRangeEntry> _listed = [];

    private VectorCommand(string[] words)
    {
        for (int i = 1; i < words.Length; i++)
        {
            string[] parts = words[i].Split('=');
            if (parts[0] == "range") _listed.Add(Range(parts[1].Split(':')));
            else _fields[parts[0]] = Hex(parts[1]);
        }
    }

    private ulong Guest => this["gctx"];

    private PageSize Size => (PageSize)this["size"];

    private bool IsReserved => this["reserved"] != 0;

    private ulong this[string name] => _fields.GetValueOrDefault(name);

    public static FirmwareStatus Execute(SevFirmware<ContiguousGeometry> firmware, string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        VectorCommand command = new(words);
        return words[0] switch
        {
            "init" => firmware.SnpInit(),
            "init_ex" => command.InitEx(firmware),
            "shutdown" => firmware.SnpShutdown(),
            "shutdown_ex" => command.ShutdownEx(firmware),
            "df_flush" => firmware.DfFlush(),
            "sev_init" => firmware.SevInit(),
            "sev_shutdown" => firmware.SevShutdown(),
            "platform_status" => firmware.PlatformStatus(command["page"]),
            "feature_info" => firmware.FeatureInfo(command["page"]),
            "legacy" => firmware.WriteLegacyBuffer(command["page"], (uint)command["length"]),
            "ring" => firmware.ReclaimRingPage(command["page"]),
            "gctx_create" => firmware.GctxCreate(command.Guest),
            "decommission" => firmware.Decommission(command.Guest),
            "activate" => firmware.Activate(command.Guest, (uint)command["asid"]),
            "activate_ex" => command.ActivateEx(firmware),
            "launch_start" => command.LaunchStart(firmware),
            "launch_update" => command.LaunchUpdate(firmware),
            "launch_finish" =>
                firmware.LaunchFinish(new LaunchParameters { GuestContext = command.Guest, HasReservedBits = command.IsReserved }),
            "md_init" => firmware.MdInit(command.Guest, command["page"]),
            "swap_out" => command.SwapOut(firmware),
            "swap_in" => command.SwapIn(firmware),
            "page_move" =>
                firmware.PageMove(
                    new PageTransferParameters
                    {
                        GuestContext = command.Guest,
                        Source = command["src"],
                        Destination = command["dst"],
                        Size = command.Size,
                        HasReservedBits = command.IsReserved,
                    }),
            "page_reclaim" => firmware.PageReclaim(command["page"] | command["size"]),
            "page_unsmash" => firmware.PageUnsmash(command["page"]),
            "page_set_state" => command.SetState(firmware),
            _ => throw new FormatException($"'{words[0]}' is not a command."),
        };
    }

    internal static ulong Hex(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static PageRangeEntry Range(string[] parts) =>
        new(Hex(parts[0]), (uint)Hex(parts[1]), parts.Length > 2 ? (uint)Hex(parts[2]) : 0);

    private uint? RangeCount => _fields.TryGetValue("n", out ulong count) ? (uint)count : null;

    private FirmwareStatus InitEx(SevFirmware<ContiguousGeometry> firmware) => firmware.SnpInitEx(new PlatformParameters
    {
        InitRmp = this["init_rmp"] != 0,
        HasList = this["list_en"] != 0,
        ListAddress = this["list"],
        Ranges = _listed.ToArray(),
        RangeCount = RangeCount,
        ListReserved = (uint)this["lreserved"],
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus ShutdownEx(SevFirmware<ContiguousGeometry> firmware) => firmware.SnpShutdownEx(new PlatformParameters
    {
        Length = _fields.TryGetValue("length", out ulong length) ? (uint)length : PlatformParameters.ShutdownExLength,
        IommuShutdown = this["iommu"] != 0,
        X86Shutdown = this["x86"] != 0,
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus ActivateEx(SevFirmware<ContiguousGeometry> firmware) =>
        firmware.ActivateEx(Guest, (uint)this["asid"], (ushort)this["ccxs"], hasWrongLength: this["length"] != 0);

    private FirmwareStatus LaunchStart(SevFirmware<ContiguousGeometry> firmware) => firmware.LaunchStart(new LaunchParameters
    {
        GuestContext = Guest,
        Policy = new GuestPolicy(this["policy"]),
        HasMigrationAgent = this["ma_en"] != 0,
        MigrationAgent = this["ma"],
        IsMigrationImage = this["imi"] != 0,
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus LaunchUpdate(SevFirmware<ContiguousGeometry> firmware) => firmware.LaunchUpdate(new LaunchParameters
    {
        GuestContext = Guest,
        Page = this["page"],
        Size = Size,
        Type = (LaunchPageType)this["type"],
        IsMigrationImage = this["imi"] != 0,
        Vmpl1Permissions = (VmplPermissions)this["vmpl1"],
        Vmpl2Permissions = (VmplPermissions)this["vmpl2"],
        Vmpl3Permissions = (VmplPermissions)this["vmpl3"],
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus SwapOut(SevFirmware<ContiguousGeometry> firmware) => firmware.SwapOut(new PageTransferParameters
    {
        GuestContext = Guest,
        Source = this["src"],
        Destination = this["dst"],
        Metadata = this["mdata"],
        SoftwareData = this["sw"],
        Size = Size,
        Type = (SwapPageType)this["type"],
        IsRoot = this["root"] != 0,
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus SwapIn(SevFirmware<ContiguousGeometry> firmware) => firmware.SwapIn(new PageTransferParameters
    {
        GuestContext = Guest,
        Source = this["src"],
        Destination = this["dst"],
        Metadata = this["mdata"],
        Size = Size,
        Type = (SwapPageType)this["type"],
        IsInPlace = this["inplace"] != 0,
        IsRoot = this["root"] != 0,
        HasReservedBits = IsReserved,
    });

    private FirmwareStatus SetState(SevFirmware<ContiguousGeometry> firmware) => firmware.PageSetState(new PlatformParameters
    {
        Length = _fields.TryGetValue("length", out ulong length) ? (uint)length : PlatformParameters.PageSetStateLength,
        ListAddress = this["list"],
        Ranges = _listed.ToArray(),
        RangeCount = RangeCount,
        ListReserved = (uint)this["lreserved"],
        HasReservedBits = IsReserved,
    });
}
