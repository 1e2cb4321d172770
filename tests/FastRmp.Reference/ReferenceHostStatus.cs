namespace FastRmp.Reference;

/// <summary>How far the host's function for an RMPUPDATE came.</summary>
public enum ReferenceHostStatus
{
    /// <summary>The instruction was executed; its result tells whether it took effect.</summary>
    Executed = 0,

    /// <summary>SNP is off: refused before anything else (-ENXIO).</summary>
    NotEnabled = 1,

    /// <summary>The split of the direct map failed: the RMP was not touched.</summary>
    SplitFailed = 2,

    /// <summary>The page is not memory: refused before the RMP or the direct map was touched.</summary>
    NotMemory = 3,
}
