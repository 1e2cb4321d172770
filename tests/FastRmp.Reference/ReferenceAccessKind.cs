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

    /// <summary>A supervisor shadow stack read; of guests only.</summary>
    ShadowStackRead = 4,

    /// <summary>A supervisor shadow stack write; of guests only.</summary>
    ShadowStackWrite = 5,
}
