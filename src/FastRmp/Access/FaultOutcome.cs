namespace FastRmp;

/// <summary>What the host's handler did about a page fault of its own, or about a nested one of a guest.</summary>
/// <remarks>
/// <see cref="Split"/> and <see cref="Fatal"/> are of the host's handler alone; <see cref="Smashed"/> and what follows it of the guest's.
/// After
/// <see cref="Smashed"/> and <see cref="SmashFailed"/> the nested mappings of 512 frames are dropped; they are made again, at the size that
/// the RMP has then, when the guest repeats.
/// </remarks>
public enum FaultOutcome : byte
{
    /// <summary>It is not an RMP violation, or not one that reaches this handler.</summary>
    NotAnRmpFault = 0,

    /// <summary>The mapping of the direct map was split; the access succeeds when repeated.</summary>
    Split = 1,

    /// <summary>Nothing to do: the entry was being changed, or another thread had split the page already. For a guest's fault also another
    /// owner, or a VMPL. Repeat the access.</summary>
    Spurious = 2,

    /// <summary>A violation that the policy does not resolve: the kernel would oops.</summary>
    Fatal = 3,

    /// <summary>The page of 2 MiB was split in the RMP.</summary>
    Smashed = 4,

    /// <summary>The page is not assigned, or there is none: a warning.</summary>
    NotAssigned = 5,

    /// <summary>The frame is a shared one: a warning.</summary>
    NotPrivate = 6,

    /// <summary>PSMASH was refused, or still met contention after all retries: a warning.</summary>
    SmashFailed = 7,
}
