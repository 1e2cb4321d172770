namespace FastRmp.Tests.Firmware;

/// <summary>The commands that a step of a program can be.</summary>
internal enum FirmwareCommand
{
    GctxCreate,
    Decommission,
    Activate,
    LaunchUpdate,
    SwapOut,
    SwapIn,
    MdInit,
    PageMove,
    PageReclaim,
    PageUnsmash,
    Shutdown,
}
