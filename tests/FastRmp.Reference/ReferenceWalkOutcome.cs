namespace FastRmp.Reference;

/// <summary>How a page walk ended.</summary>
public enum ReferenceWalkOutcome
{
    /// <summary>The access is allowed and has a physical address.</summary>
    Mapped = 0,

    /// <summary>#PF: an entry is not present.</summary>
    NotPresent = 1,

    /// <summary>#PF: a present entry has a reserved bit set.</summary>
    Malformed = 2,

    /// <summary>#PF: the mapping does not allow this access.</summary>
    Rights = 3,

    /// <summary>#GP or #SS: the address is not canonical; nothing was walked.</summary>
    NonCanonical = 4,

    /// <summary>A table lies outside memory; no fault of the processor.</summary>
    OutsideMemory = 5,

    /// <summary>#PF with the RMP bit: the processor may not set Accessed or Dirty in a table (paging 5).</summary>
    TableWriteRefused = 6,
}
