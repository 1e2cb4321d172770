namespace FastRmp.Reference;

/// <summary>What one policy's replay counted, with the same meaning and order as the replay's report.</summary>
public sealed record ReferenceReplayCounts
{
    /// <summary>4 KiB pages of all guest allocations.</summary>
    public long GuestPages { get; set; }

    /// <summary>Writes by the host, one a page; a repeated write is not counted again.</summary>
    public long HostWrites { get; set; }

    /// <summary>RMPUPDATEs that took effect.</summary>
    public long RmpUpdate { get; set; }

    /// <summary>PSMASHes that took effect.</summary>
    public long PSmash { get; set; }

    /// <summary>Host writes that met an RMP violation.</summary>
    public long Violations { get; set; }

    /// <summary>Violations that a split cured.</summary>
    public long Handled { get; set; }

    /// <summary>Violations that nothing cured.</summary>
    public long Fatal { get; set; }

    /// <summary>Splits of a 1 GiB leaf.</summary>
    public long Splits1G { get; set; }

    /// <summary>Splits of a 2 MiB leaf.</summary>
    public long Splits2M { get; set; }

    /// <summary>Joins to a 2 MiB leaf.</summary>
    public long Rejoins2M { get; set; }

    /// <summary>Joins to a 1 GiB leaf.</summary>
    public long Rejoins1G { get; set; }

    /// <summary>Pages that were still owned when they were allocated again.</summary>
    public long Stale { get; set; }

    /// <summary>Blocks skipped because they do not lie in memory.</summary>
    public long Outside { get; set; }

    /// <summary>4 KiB pages that are owned at the end.</summary>
    public long OwnedAtEnd { get; set; }
}
