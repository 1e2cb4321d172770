namespace FastRmp.Tests.Rmp.Differential;

/// <summary>What an operation does.</summary>
internal enum OperationKind
{
    Update,
    Smash,
    Validate,
    Adjust,
    Query,
    Read,
    Opt,
    Host,
    Guest,
    Device,
    IommuLog,
    FirmwareBuffer,
    VmRun,
    InUse,
    State,
    GctxCreate,
    Decommission,
    Activate,
    LaunchUpdate,
    SwapOut,
    SwapIn,
    SwapInMetadata,
    PageMove,
    MdInit,
    PageSetState,
    PageReclaim,
    PageUnsmash,
    Shutdown,
    SnpInit,

    /// <summary>A raw write, as a loader or unknown software makes it.</summary>
    Poke,

    /// <summary>Firmware gives all pages of a region back, and the hypervisor releases them.</summary>
    TearDown,

    /// <summary>RMPUPDATE with Immutable of every page of a region, all else as it is.</summary>
    HoldAll,

    /// <summary>RMPUPDATE of every page of a region to Firmware.</summary>
    FillFirmware,

    /// <summary>A count that no entry explains, what it does to updates of 2 MiB, PSMASH and large mappings, and back.</summary>
    Damage,
}
