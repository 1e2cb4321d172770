namespace FastRmp;

/// <summary>What the host does about a guest's nested page fault.</summary>
/// <remarks>After <see cref="Smashed"/> and <see cref="Spurious"/> the caller drops its nested mapping of the 2 MiB and lets the guest repeat: the mapping is rebuilt at the size that the RMP has now.</remarks>
public enum NestedFaultOutcome : byte
{
    /// <summary>It is no RMP violation: the memory manager's matter alone.</summary>
    NotAnRmpFault = 0,

    /// <summary>The page of 2 MiB was split in the RMP.</summary>
    Smashed = 1,

    /// <summary>The RMP has 4 KiB pages there already: somebody was faster, or the nested mapping is too large.</summary>
    Spurious = 2,

    /// <summary>The page is not assigned: the memory manager has to give the guest a page, or to take a shared one back.</summary>
    NotAssigned = 3,

    /// <summary>PSMASH would not help: both sizes fit, and something else is wrong (another owner, another address, a VMPL).</summary>
    NotCurable = 4,

    /// <summary>PSMASH was refused, or still met contention after all retries.</summary>
    SmashFailed = 5,
}
