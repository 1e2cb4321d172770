using System.Globalization;

namespace FastRmp.Qemu;

/// <summary>The names of commands, as the firmware ABI writes them.</summary>
internal static class CommandNames
{
    /// <summary>The name, or the number of a command without one.</summary>
    internal static string Name(this FirmwareCommand command) => command switch
    {
        FirmwareCommand.Init => "INIT",
        FirmwareCommand.Shutdown => "SHUTDOWN",
        FirmwareCommand.PlatformStatus => "PLATFORM_STATUS",
        FirmwareCommand.DfFlush => "DF_FLUSH",
        FirmwareCommand.InitEx => "INIT_EX",
        FirmwareCommand.SnpInit => "SNP_INIT",
        FirmwareCommand.SnpShutdown => "SNP_SHUTDOWN",
        FirmwareCommand.SnpPlatformStatus => "SNP_PLATFORM_STATUS",
        FirmwareCommand.SnpDfFlush => "SNP_DF_FLUSH",
        FirmwareCommand.SnpInitEx => "SNP_INIT_EX",
        FirmwareCommand.SnpShutdownEx => "SNP_SHUTDOWN_EX",
        FirmwareCommand.SnpDecommission => "SNP_DECOMMISSION",
        FirmwareCommand.SnpActivate => "SNP_ACTIVATE",
        FirmwareCommand.SnpGctxCreate => "SNP_GCTX_CREATE",
        FirmwareCommand.SnpLaunchStart => "SNP_LAUNCH_START",
        FirmwareCommand.SnpLaunchUpdate => "SNP_LAUNCH_UPDATE",
        FirmwareCommand.SnpLaunchFinish => "SNP_LAUNCH_FINISH",
        FirmwareCommand.SnpPageReclaim => "SNP_PAGE_RECLAIM",
        FirmwareCommand.SnpPageUnsmash => "SNP_PAGE_UNSMASH",
        FirmwareCommand.SnpCommit => "SNP_COMMIT",
        FirmwareCommand.SnpFeatureInfo => "SNP_FEATURE_INFO",
        _ => string.Create(CultureInfo.InvariantCulture, $"0x{(ushort)command:x}"),
    };
}
