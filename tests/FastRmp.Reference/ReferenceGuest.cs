namespace FastRmp.Reference;

/// <summary>What firmware keeps in a guest context page, as far as its rules ask for it (rmp 13.3).</summary>
public sealed record ReferenceGuest
{
    /// <summary>What stands for no migration agent once a launch or a decommissioning has said so.</summary>
    public const ulong NoAgent = ulong.MaxValue;

    /// <summary>The state.</summary>
    public ReferenceGuestState State { get; init; }

    /// <summary>The ASID bound to the guest; 0: none.</summary>
    public uint Asid { get; init; }

    /// <summary>On which core complexes the ASID is the guest's: a bit for each.</summary>
    public int CoreComplexes { get; init; }

    /// <summary>Flag bit 0: it has an ASID and may run.</summary>
    public bool IsActive { get; init; }

    /// <summary>Flag bit 1: encrypted state.</summary>
    public bool IsEs { get; init; }

    /// <summary>Flag bit 2: it has an ASID, and LAUNCH_FINISH will make it active.</summary>
    public bool IsPending { get; init; }

    /// <summary>Whether its pages are a migration image at present.</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>The policy.</summary>
    public ulong Policy { get; init; }

    /// <summary>
    /// The context page of its migration agent, or <see cref="NoAgent"/>. A page that GCTX_CREATE has cleared says 0, which is
    /// neither (taught by AMD's firmware).
    /// </summary>
    public ulong MigrationAgent { get; init; }

    /// <summary>How many initialisation vectors its sealing key has used.</summary>
    public ulong Vectors { get; init; }

    /// <summary>The metadata entry of the page that holds the guest's own metadata tree.</summary>
    public ReferenceMetadata Root { get; init; } = new();

    /// <summary>Neither active nor about to be: INACTIVE.</summary>
    public bool IsInactive => !IsActive && !IsPending;
}
