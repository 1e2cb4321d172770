namespace FastRmp.Benchmarks.Scaling;

/// <summary>What a thread does after each pair of updates.</summary>
internal enum ScaleReads
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Checks of the host's writes.</summary>
    Check,

    /// <summary>RMPREADs.</summary>
    RmpRead,
}
