namespace FastRmp;

/// <content>Open points of the direct map.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether the entries that point to tables made at boot have U/S clear (0x063), as those of a split have, instead of set
    /// (0x067). Default: no.</summary>
    /// <remarks>Deduced from the tables of a guest, in which the entries of split leaves end in 0x063 and the others in 0x067; no image of
    /// a bare-metal host has shown it.</remarks>
    public bool BootTablesAreSupervisor { get; init; }

    /// <summary>Whether the step before an RMPUPDATE sets KERNEL_4K also where it finds a 4 KiB leaf, not only where it splits.
    /// Default: no.</summary>
    /// <remarks>Deduced from adjust_direct_map, which returns before set_memory_4k then, and from an oops that shows an assigned page's
    /// entry without it.</remarks>
    public bool Kernel4KOnEveryUpdate { get; init; }

    /// <summary>Whether a page of guest_memfd's NO_DIRECT_MAP leaves the direct map when the file gets it, before it is assigned in the
    /// RMP, instead of before its first mapping. Default: no.</summary>
    /// <remarks>The series zaps at the guest's first fault; a review of it asked for "never in the direct map". The difference shows where
    /// a page is populated without a fault, as at launch, and in KERNEL_4K, which the step before RMPUPDATE does not set on a leaf that is
    /// not present.</remarks>
    public bool ZapOnAllocation { get; init; }

    /// <summary>Whether taking a folio of 2 MiB or 1 GiB out of the direct map splits its leaves to 4 KiB first, instead of clearing
    /// Present in a large leaf that lies inside the folio. Default: no.</summary>
    /// <remarks>Folios of guest_memfd have one page today, and no series says what becomes of larger ones.</remarks>
    public bool ZapSplitsLargeLeaves { get; init; }

    /// <summary>Whether leaves of the direct map are joined only where Linux would join them: Accessed, Dirty and Global equal in all 512,
    /// and KERNEL_4K clear in all of them. Default: no.</summary>
    /// <remarks>By default the joined leaf has Accessed and Dirty set, and Global if any leaf has it; a KERNEL_4K that the split before an
    /// RMPUPDATE set does not prevent the join, since otherwise no release could be followed by one.</remarks>
    public bool RejoinAsLinux { get; init; }
}
