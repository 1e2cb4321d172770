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

    /// <summary>The walker's own write of Accessed or Dirty into a table; always 4 KiB.</summary>
    PageTable = 3,
}
