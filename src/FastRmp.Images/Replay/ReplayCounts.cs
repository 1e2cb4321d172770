namespace FastRmp.Images;

/// <summary>What was counted while a trace was replayed under one policy. Immutable; any threads may share it.</summary>
public sealed record ReplayCounts
{
    /// <summary>4 KiB pages in all allocations by guests.</summary>
    public required long GuestPages { get; init; }

    /// <summary>Writes by the host, one for each page that it allocates; a write repeated after a fault is not counted again.</summary>
    public required long HostWrites { get; init; }

    /// <summary>RMPUPDATEs that took effect: assign and release, of 4 KiB and of 2 MiB.</summary>
    public required long RmpUpdates { get; init; }

    /// <summary>PSMASHes that took effect.</summary>
    public required long PSmashes { get; init; }

    /// <summary>Host writes that met an RMP violation.</summary>
    public required long Violations { get; init; }

    /// <summary>Violations that the fault handler resolved by splitting.</summary>
    public required long Handled { get; init; }

    /// <summary>Violations that were not resolved: each would be an oops; the write is dropped.</summary>
    public required long Fatal { get; init; }

    /// <summary>1 GiB leaves split into 512 leaves of 2 MiB.</summary>
    public required long Splits1G { get; init; }

    /// <summary>2 MiB leaves split into 512 leaves of 4 KiB.</summary>
    public required long Splits2M { get; init; }

    /// <summary>Joins of 512 leaves of 4 KiB.</summary>
    public required long Rejoins2M { get; init; }

    /// <summary>Joins of 512 leaves of 2 MiB.</summary>
    public required long Rejoins1G { get; init; }

    /// <summary>4 KiB pages that a guest still owned when they were allocated again: the trace lacks the events that released
    /// them.</summary>
    public required long Stale { get; init; }

    /// <summary>Blocks that were skipped because their first or last page is not RAM; a failed allocation has no block.</summary>
    public required long Outside { get; init; }

    /// <summary>4 KiB pages that guests own after the last event.</summary>
    public required long OwnedAtEnd { get; init; }

    /// <summary>Of an RMP trace: instructions that took effect when they were recorded and did not here. Not 0 says that the trace began
    /// with pages assigned, or was made by another processor.</summary>
    public long Refused { get; init; }

    /// <summary>The line of the first of them; 0 if there is none.</summary>
    public long FirstRefusedLine { get; init; }
}
