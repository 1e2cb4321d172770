namespace FastRmp.Reference;

/// <summary>What an access does (rmp 6.2).</summary>
public enum ReferenceAccessKind
{
    /// <summary>A data read.</summary>
    Read = 0,

    /// <summary>A data write.</summary>
    Write = 1,

    /// <summary>An instruction fetch.</summary>
    Fetch = 2,

    /// <summary>A page-table access by the walker; the host's and the shared ones count as a 4 KiB write.</summary>
    PageTable = 3,

    /// <summary>A shadow stack read; to the RMP that of a supervisor alone.</summary>
    ShadowStackRead = 4,

    /// <summary>A shadow stack write; to the RMP that of a supervisor alone.</summary>
    ShadowStackWrite = 5,
}
