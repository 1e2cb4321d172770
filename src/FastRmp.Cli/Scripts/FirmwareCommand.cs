namespace FastRmp.Cli.Scripts;

/// <summary>The commands of firmware that move page states.</summary>
internal enum FirmwareCommand
{
    /// <summary>No command of that name.</summary>
    Unknown,

    /// <summary>SNP_INIT, SNP_INIT_EX.</summary>
    Init,

    /// <summary>SNP_SHUTDOWN, SNP_SHUTDOWN_EX.</summary>
    Shutdown,

    /// <summary>SNP_GCTX_CREATE.</summary>
    GctxCreate,

    /// <summary>SNP_DECOMMISSION.</summary>
    Decommission,

    /// <summary>SNP_ACTIVATE, SNP_ACTIVATE_EX.</summary>
    Activate,

    /// <summary>SNP_LAUNCH_UPDATE.</summary>
    LaunchUpdate,

    /// <summary>SNP_SWAP_OUT.</summary>
    SwapOut,

    /// <summary>SNP_SWAP_IN of a guest page.</summary>
    SwapIn,

    /// <summary>SNP_SWAP_IN of a metadata page.</summary>
    SwapInMetadata,

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
}
