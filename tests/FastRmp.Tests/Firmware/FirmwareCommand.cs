namespace FastRmp.Tests.Firmware;

/// <summary>The commands that a step of a program can be.</summary>
internal enum FirmwareCommand
{
    GctxCreate,
    Decommission,
    Activate,
    LaunchUpdate,
    SwapOut,

    /// <summary>SWAP_OUT of a page of metadata; the second page is the context that it names.</summary>
    SwapOutMetadata,
    SwapIn,
    MdInit,
    PageMove,

    /// <summary>PAGE_MOVE of a page of metadata to page 0; the second page is the context that it names.</summary>
    MoveMetadata,
    PageReclaim,
    PageUnsmash,
    Shutdown,
}
