namespace FastRmp.Reference;

/// <summary>The open points of the direct map (direct map 1.2, 3, 6.2; rmp 17).</summary>
/// <remarks>The defaults are the proposals of the specification.</remarks>
public sealed record ReferenceDirectMapChoices
{
    /// <summary>Whether entries that point to tables made at boot are supervisor's (0x063) instead of user's (0x067); those of a split are
    /// 0x063 either way.</summary>
    public bool BootTablesAreSupervisor { get; init; }

    /// <summary>Whether the step before an RMPUPDATE marks its page KERNEL_4K also where the leaf was small already.</summary>
    public bool Kernel4KOnEveryUpdate { get; init; }

    /// <summary>Whether a folio of 2 MiB or 1 GiB is zapped in leaves of 4 KiB (direct map 5.2).</summary>
    public bool ZapSplitsLargeLeaves { get; init; }

    /// <summary>Whether leaves are joined on Linux's conditions: Accessed, Dirty and Global equal, no KERNEL_4K whoever set it.</summary>
    public bool RejoinAsLinux { get; init; }
}
