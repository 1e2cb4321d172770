namespace FastRmp.Images.Study;

/// <summary>What is written down over time for each policy.</summary>
internal enum StudySeries
{
    /// <summary>Leaves of 4 KiB.</summary>
    Leaves4K,

    /// <summary>Leaves of 2 MiB.</summary>
    Leaves2M,

    /// <summary>Leaves of 1 GiB.</summary>
    Leaves1G,

    /// <summary>Splits so far, of either size.</summary>
    Splits,

    /// <summary>Joins so far, to either size.</summary>
    Rejoins,

    /// <summary>Writes of the host that met an RMP fault so far.</summary>
    Violations,

    /// <summary>Table pages beyond those at the start.</summary>
    Tables,

    /// <summary>Page walks of host accesses so far, beyond those that the map of the start would have had.</summary>
    ExtraWalks,
}
