namespace FastRmp;

/// <summary>The inconsistencies of an RMP that no instruction is changing.</summary>
public enum RmpCensusFindingKind : byte
{
    /// <summary>Subpage_Count of a base entry is below the number of assigned sub-pages: the check of a write through a 2 MiB mapping would
    /// miss them.</summary>
    CountTooLow = 0,

    /// <summary>Subpage_Count of a base entry is above the number of assigned sub-pages: the region can never be one 2 MiB page, nor be
    /// written through a 2 MiB mapping.</summary>
    CountTooHigh = 1,

    /// <summary>The base entry of a 2 MiB page has a Subpage_Count.</summary>
    CountOfLargePage = 2,

    /// <summary>An entry that is not a base entry has a Subpage_Count of its own, outside a 2 MiB page.</summary>
    CountOfSubpage = 3,

    /// <summary>A sub-page of a 2 MiB page whose own entry is not assigned: its owner cannot use it, and the hypervisor can write
    /// it.</summary>
    LostSubpage = 4,

    /// <summary>A base entry with Page_Size of 2 MiB that is not assigned.</summary>
    UnassignedLargePage = 5,

    /// <summary>An entry that is not a base entry has Page_Size of 2 MiB, outside a 2 MiB page.</summary>
    LargeSubpage = 6,

    /// <summary>A page in none of the states that firmware knows.</summary>
    InvalidState = 7,

    /// <summary>An entry in transition: locked without being immutable, or with ASID 0x3FE or 0x3FF. A save area in use
    /// (<see cref="FastRmp.RmpEntry.IsInUseVmsa"/>) is not in transition. An image of a running machine may hold some.</summary>
    InTransition = 8,

    /// <summary>The bookkeeping counter of an ASID differs from the pages that are assigned to it.</summary>
    AsidCounter = 9,
}
