namespace FastRmp.Model;

/// <content>Open points of the direct map.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether the entries that point to tables made at boot have U/S clear (0x063), as those of a split have, instead of set (0x067). Default: no.</summary>
    /// <remarks>Deduced from the tables of a guest, in which the entries of split leaves end in 0x063 and the others in 0x067; no image of a bare-metal host has shown it.</remarks>
    public bool BootTablesAreSupervisor { get; init; }

    /// <summary>Whether the step before an RMPUPDATE marks its page KERNEL_4K also where it finds a 4 KiB leaf, not only where it splits. Default: no.</summary>
    /// <remarks>Deduced from adjust_direct_map, which returns before set_memory_4k then, and from an oops that shows an assigned page's entry without the mark.</remarks>
    public bool Kernel4KOnEveryUpdate { get; init; }

    /// <summary>Whether leaves of the direct map are joined only where Linux would join them: Accessed, Dirty and Global equal in all 512, and no mark KERNEL_4K whoever set it. Default: no.</summary>
    /// <remarks>By default Accessed and Dirty become set, Global is set if any leaf has it, and a mark goes that the split before an RMPUPDATE made: that path knows its own marks, and no release would ever be followed by a join otherwise.</remarks>
    public bool RejoinAsLinux { get; init; }
}
