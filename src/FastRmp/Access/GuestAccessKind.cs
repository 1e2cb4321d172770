namespace FastRmp;

/// <summary>What a guest does with a byte of memory.</summary>
public enum GuestAccessKind : byte
{
    /// <summary>Data read.</summary>
    Read = 0,

    /// <summary>Data write.</summary>
    Write = 1,

    /// <summary>Instruction fetch; always private.</summary>
    Fetch = 2,

    /// <summary>Access to a guest page table; always private, counts as a write.</summary>
    PageTable = 3,

    /// <summary>Read through a supervisor shadow stack.</summary>
    ShadowStackRead = 4,

    /// <summary>Write through a supervisor shadow stack.</summary>
    ShadowStackWrite = 5,
}
