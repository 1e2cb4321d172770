namespace FastRmp.Firmware;

/// <summary>Whether firmware's own context exists. It is made by an initialisation, and on that occasion every ASID becomes
/// dirty.</summary>
internal enum FirmwareContextState : byte
{
    /// <summary>Nothing is kept: before the first command, and after a shutdown with IOMMU shutdown. The next initialisation forgets the
    /// states of all ASIDs first.</summary>
    Lost = 0,

    /// <summary>There is none: after a shutdown or an initialisation that failed.</summary>
    Cleared = 1,

    /// <summary>There is one: a further initialisation leaves the ASIDs alone until it succeeds.</summary>
    Initialized = 2,
}
