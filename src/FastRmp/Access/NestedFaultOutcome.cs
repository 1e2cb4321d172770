namespace FastRmp;

/// <summary>What the host does about an RMP violation of a guest.</summary>
/// <remarks>After <see cref="Smashed"/> and <see cref="SmashFailed"/> the nested mappings of 512 frames are dropped; they are made again, at the size that the RMP has then, when the guest repeats.</remarks>
public enum NestedFaultOutcome : byte
{
    /// <summary>It is no RMP violation, or none that comes so far: the memory manager's matter alone.</summary>
    NotAnRmpFault = 0,

    /// <summary>The page of 2 MiB was split in the RMP.</summary>
    Smashed = 1,

    /// <summary>The RMP has 4 KiB pages there already: somebody was faster, or something else is wrong (another owner, a VMPL). Nothing is done.</summary>
    Spurious = 2,

    /// <summary>The page is not assigned, or there is none: a warning.</summary>
    NotAssigned = 3,

    /// <summary>The frame is a shared one: a warning.</summary>
    NotPrivate = 4,

    /// <summary>PSMASH was refused, or still met contention after all retries: a warning.</summary>
    SmashFailed = 5,
}
