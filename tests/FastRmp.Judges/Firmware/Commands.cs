using System.Runtime.InteropServices;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>The commands of the rows, by name.</summary>
internal static class Commands
{
    internal static bool IsKnown(string command) => command is "INIT" or "INIT_EX" or "SHUTDOWN" or "SHUTDOWN_EX" or "DF_FLUSH"
        or "GCTX_CREATE" or "DECOMMISSION" or "ACTIVATE" or "LAUNCH_START" or "LAUNCH_UPDATE" or "LAUNCH_FINISH"
        or "MD_INIT" or "SWAP_OUT" or "SWAP_IN" or "PAGE_MOVE" or "PAGE_RECLAIM" or "PAGE_UNSMASH" or "PAGE_SET_STATE";

    internal static FirmwareStatus Execute(SevFirmware<ContiguousGeometry> firmware, CommandRow row)
    {
        NamedNumbers keys = row.Parameters;
        return row.Command switch
        {
            "INIT" => firmware.SnpInit(),
            "INIT_EX" => InitEx(firmware, row),
            "SHUTDOWN" => firmware.SnpShutdown(),
            "SHUTDOWN_EX" => firmware.SnpShutdownEx(new PlatformParameters
            {
                Length = (uint)keys.Get("length", PlatformParameters.ShutdownExLength),
                IommuShutdown = keys.Has("iommu"),
                X86Shutdown = keys.Has("x86"),
                HasReservedBits = keys.Has("reserved"),
            }),
            "DF_FLUSH" => firmware.DfFlush(),
            "GCTX_CREATE" => firmware.GctxCreate(keys["gctx"]),
            "DECOMMISSION" => firmware.Decommission(keys["gctx"]),
            "ACTIVATE" => firmware.Activate(keys["gctx"], (uint)keys["asid"]),
            "MD_INIT" => firmware.MdInit(keys["gctx"], keys["page"]),
            "PAGE_RECLAIM" => firmware.PageReclaim(keys["paddr"] | keys["size"]),
            "PAGE_UNSMASH" => firmware.PageUnsmash(keys["paddr"]),
            "PAGE_SET_STATE" => SetState(firmware, row),
            "PAGE_MOVE" => firmware.PageMove(new PageTransferParameters
            {
                GuestContext = keys["gctx"],
                Source = keys["src"],
                Destination = keys["dst"],
                Size = (PageSize)keys["size"],
                HasReservedBits = keys.Has("reserved"),
            }),
            "SWAP_OUT" => SwapOut(firmware, keys),
            "SWAP_IN" => SwapIn(firmware, keys),
            "LAUNCH_START" => firmware.LaunchStart(new LaunchParameters
            {
                GuestContext = keys["gctx"],
                Policy = new GuestPolicy(keys["policy"]),
                HasMigrationAgent = keys.Has("ma_en"),
                MigrationAgent = keys["ma"],
                IsMigrationImage = keys.Has("imi"),
                HasReservedBits = keys.Has("reserved"),
            }),
            "LAUNCH_UPDATE" => LaunchUpdate(firmware, keys),
            _ =>
                firmware.LaunchFinish(
                    new LaunchParameters
                    {
                        GuestContext = keys["gctx"],
                        DisablesVcek = keys.Has("vcekdis"),
                        HasReservedBits = keys.Has("reserved"),
                    }),
        };
    }

    private static FirmwareStatus InitEx(
        SevFirmware<ContiguousGeometry> firmware, CommandRow row) => firmware.SnpInitEx(new PlatformParameters
        {
            InitRmp = row.Parameters.Has("init_rmp"),
            HasList = row.Parameters.Has("list_en"),
            ListAddress = row.Parameters["list"],
            Ranges = CollectionsMarshal.AsSpan(row.Listed),
            RangeCount = (uint)row.Parameters["n"],
            ListReserved = (uint)row.Parameters["lreserved"],
            HasReservedBits = row.Parameters.Has("reserved"),
        });

    private static FirmwareStatus SetState(
        SevFirmware<ContiguousGeometry> firmware, CommandRow row) => firmware.PageSetState(new PlatformParameters
        {
            Length = (uint)row.Parameters.Get("length", PlatformParameters.PageSetStateLength),
            ListAddress = row.Parameters["list"],
            Ranges = CollectionsMarshal.AsSpan(row.Listed),
            RangeCount = (uint)row.Parameters["n"],
            ListReserved = (uint)row.Parameters["lreserved"],
            HasReservedBits = row.Parameters.Has("reserved"),
        });

    private static FirmwareStatus SwapOut(
        SevFirmware<ContiguousGeometry> firmware, NamedNumbers keys) => firmware.SwapOut(new PageTransferParameters
        {
            GuestContext = keys["gctx"],
            Source = keys["src"],
            Destination = keys["dst"],
            Metadata = keys["mdata"],
            SoftwareData = keys["sw"],
            Size = (PageSize)keys["size"],
            Type = (SwapPageType)keys["type"],
            IsRoot = keys.Has("root"),
            HasReservedBits = keys.Has("reserved"),
        });

    private static FirmwareStatus SwapIn(
        SevFirmware<ContiguousGeometry> firmware, NamedNumbers keys) => firmware.SwapIn(new PageTransferParameters
        {
            GuestContext = keys["gctx"],
            Source = keys["src"],
            Destination = keys["dst"],
            Metadata = keys["mdata"],
            Size = (PageSize)keys["size"],
            Type = (SwapPageType)keys["type"],
            IsInPlace = keys.Has("inplace"),
            IsRoot = keys.Has("root"),
            HasReservedBits = keys.Has("reserved"),
        });

    private static FirmwareStatus LaunchUpdate(
        SevFirmware<ContiguousGeometry> firmware, NamedNumbers keys) => firmware.LaunchUpdate(new LaunchParameters
        {
            GuestContext = keys["gctx"],
            Page = keys["page"],
            Size = (PageSize)keys["size"],
            Type = (LaunchPageType)keys["type"],
            IsMigrationImage = keys.Has("imi"),
            Vmpl1Permissions = (VmplPermissions)keys["vmpl1"],
            Vmpl2Permissions = (VmplPermissions)keys["vmpl2"],
            Vmpl3Permissions = (VmplPermissions)keys["vmpl3"],
            HasReservedBits = keys.Has("reserved"),
        });
}
