namespace FastRmp;

/// <summary>What an access does with memory.</summary>
public enum AccessKind : byte
{
    /// <summary>A data read.</summary>
    Read = 0,

    /// <summary>A data write.</summary>
    Write = 1,

    /// <summary>An instruction fetch.</summary>
    Fetch = 2,
}
