namespace FastRmp.Qemu;

/// <summary>The commands of the mailbox that are served.</summary>
/// <remarks>docs/spec/rmp.md 4 and 12; the numbers of legacy ones are in Linux include/linux/psp-sev.h.</remarks>
internal enum FirmwareCommand : ushort
{
    /// <summary>INIT.</summary>
    Init = 0x01,

    /// <summary>SHUTDOWN.</summary>
    Shutdown = 0x02,

    /// <summary>PLATFORM_STATUS.</summary>
    PlatformStatus = 0x04,

    /// <summary>DF_FLUSH.</summary>
    DfFlush = 0x0A,

    /// <summary>INIT_EX.</summary>
    InitEx = 0x0D,

    /// <summary>SNP_INIT.</summary>
    SnpInit = 0x81,

    /// <summary>SNP_SHUTDOWN.</summary>
    SnpShutdown = 0x82,

    /// <summary>SNP_PLATFORM_STATUS.</summary>
    SnpPlatformStatus = 0x83,

    /// <summary>SNP_DF_FLUSH.</summary>
    SnpDfFlush = 0x84,

    /// <summary>SNP_INIT_EX.</summary>
    SnpInitEx = 0x85,

    /// <summary>SNP_SHUTDOWN_EX.</summary>
    SnpShutdownEx = 0x86,

    /// <summary>SNP_DECOMMISSION.</summary>
    SnpDecommission = 0x90,

    /// <summary>SNP_ACTIVATE.</summary>
    SnpActivate = 0x91,

    /// <summary>SNP_GCTX_CREATE.</summary>
    SnpGctxCreate = 0x93,

    /// <summary>SNP_LAUNCH_START.</summary>
    SnpLaunchStart = 0xA0,

    /// <summary>SNP_LAUNCH_UPDATE.</summary>
    SnpLaunchUpdate = 0xA1,

    /// <summary>SNP_LAUNCH_FINISH.</summary>
    SnpLaunchFinish = 0xA2,

    /// <summary>SNP_PAGE_RECLAIM.</summary>
    SnpPageReclaim = 0xC7,

    /// <summary>SNP_PAGE_UNSMASH.</summary>
    SnpPageUnsmash = 0xC8,

    /// <summary>SNP_COMMIT.</summary>
    SnpCommit = 0xCB,

    /// <summary>SNP_FEATURE_INFO.</summary>
    SnpFeatureInfo = 0xCE,
}
