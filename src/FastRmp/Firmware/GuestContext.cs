namespace FastRmp.Firmware;

/// <summary>What firmware keeps of an SNP guest, in the guest's context page.</summary>
/// <remarks>As far as commands on the RMP depend on it: no keys, no measurement. The default value is a page of zeros, which
/// SNP_GCTX_CREATE leaves.</remarks>
public readonly record struct GuestContext
{
    /// <summary>The value of <see cref="MigrationAgent"/> without one: all ones.</summary>
    public const ulong NoMigrationAgent = ulong.MaxValue;

    /// <summary>How far the guest has come.</summary>
    public GuestState State { get; init; }

    /// <summary>The ASID that is bound to the guest; 0 without one.</summary>
    public uint Asid { get; init; }

    /// <summary>Whether the ASID is usable or waits for the end of the launch.</summary>
    public GuestFlags Flags { get; init; }

    /// <summary>The core complexes, a bit each, on which the guest may run.</summary>
    public ushort CoreComplexes { get; init; }

    /// <summary>Whether the launch is in the mode of an incoming migration image (IMI).</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>The guest's policy.</summary>
    public GuestPolicy Policy { get; init; }

    /// <summary>Address of the migration agent's context page as the command had it, C-bit and all, or
    /// <see cref="NoMigrationAgent"/>.</summary>
    public ulong MigrationAgent { get; init; }

    /// <summary>How many initialisation vectors of the key for swapping are used up.</summary>
    public ulong IvCount { get; init; }

    /// <summary>The metadata entry in the context page itself.</summary>
    public MetadataEntry Root { get; init; }

    /// <summary>Whether an ASID is bound, usable or not.</summary>
    public bool IsBound => (Flags & (GuestFlags.Active | GuestFlags.ActivationPending)) != 0;
}
