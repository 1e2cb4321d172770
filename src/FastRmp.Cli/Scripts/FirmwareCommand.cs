namespace FastRmp.Cli.Scripts;

/// <summary>The commands of firmware, and what a script asks of its state.</summary>
internal enum FirmwareCommand
{
    /// <summary>No command of that name.</summary>
    Unknown,

    /// <summary>SNP_INIT.</summary>
    Init,

    /// <summary>SNP_INIT_EX.</summary>
    InitEx,

    /// <summary>SNP_SHUTDOWN, or SNP_SHUTDOWN_EX if the line has fields.</summary>
    Shutdown,

    /// <summary>SNP_SHUTDOWN_EX.</summary>
    ShutdownEx,

    /// <summary>DF_FLUSH.</summary>
    DfFlush,

    /// <summary>Legacy INIT.</summary>
    SevInit,

    /// <summary>Legacy SHUTDOWN.</summary>
    SevShutdown,

    /// <summary>SNP_GCTX_CREATE.</summary>
    GctxCreate,

    /// <summary>SNP_DECOMMISSION.</summary>
    Decommission,

    /// <summary>SNP_ACTIVATE.</summary>
    Activate,

    /// <summary>SNP_ACTIVATE_EX, on every core complex.</summary>
    ActivateEx,

    /// <summary>SNP_LAUNCH_START.</summary>
    LaunchStart,

    /// <summary>SNP_LAUNCH_UPDATE.</summary>
    LaunchUpdate,

    /// <summary>SNP_LAUNCH_FINISH.</summary>
    LaunchFinish,

    /// <summary>SNP_SWAP_OUT.</summary>
    SwapOut,

    /// <summary>SNP_SWAP_IN.</summary>
    SwapIn,

    /// <summary>SNP_PAGE_MOVE.</summary>
    PageMove,

    /// <summary>SNP_MD_INIT.</summary>
    MdInit,

    /// <summary>SNP_PAGE_SET_STATE.</summary>
    PageSetState,

    /// <summary>SNP_PAGE_RECLAIM.</summary>
    PageReclaim,

    /// <summary>SNP_PAGE_UNSMASH.</summary>
    PageUnsmash,

    /// <summary>The platform's state.</summary>
    PlatformStatus,

    /// <summary>What a context page holds.</summary>
    GuestStatus,

    /// <summary>The state of an ASID.</summary>
    AsidStatus,
}
