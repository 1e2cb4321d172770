namespace FastRmp.Images.Study;

/// <summary>One policy in a replay: what it has done so far. Which regions it has split is in <see cref="MapStudy"/>, a bit for each
/// policy.</summary>
internal sealed class MapRun
{
    private long _changed;

    internal MapRun(MapVariant variant, int index, StudyCosts costs)
    {
        Variant = variant;
        Index = index;
        Bit = 1UL << index;
        Joiner = variant.Join.Start(costs);
    }

    internal MapVariant Variant { get; }

    internal int Index { get; }

    internal ulong Bit { get; }

    internal Joiner? Joiner { get; }

    internal long Violations { get; set; }

    internal long Handled { get; set; }

    internal long Fatal { get; set; }

    internal long Splits2M { get; set; }

    internal long Splits1G { get; set; }

    internal long Joins2M { get; set; }

    internal long Joins1G { get; set; }

    internal long GlobalFlushes { get; set; }

    internal long RangedFlushes { get; set; }

    internal long EntriesWritten { get; set; }

    internal long Scans { get; set; }

    internal long AdvisedBlocks { get; set; }

    internal long Leaves4K { get; set; }

    internal long Leaves2M { get; set; }

    internal long Leaves1G { get; set; }

    internal long Peak4K { get; set; }

    /// <summary>Table pages more than at boot; those of joined regions count until the flush that frees them.</summary>
    internal long Tables { get; private set; }

    internal long PeakTables { get; private set; }

    /// <summary>Table pages times nanoseconds.</summary>
    internal double TableTime { get; private set; }

    /// <summary>Table pages that the next flush frees.</summary>
    internal long Riding { get; set; }

    /// <summary>Walks and picoseconds of host accesses, beyond a map of 2 MiB leaves.</summary>
    internal long ExtraWalks { get; set; }

    internal long ExtraPicoseconds { get; set; }

    /// <summary>Accounts for the table pages up to now, and changes their number.</summary>
    internal void ChangeTables(long now, long delta)
    {
        TableTime += (double)Tables * (now - _changed);
        _changed = now;
        Tables += delta;
        if (Tables > PeakTables) PeakTables = Tables;
    }

    /// <summary>The first event's time.</summary>
    internal void StartAt(long now) => _changed = now;
}
