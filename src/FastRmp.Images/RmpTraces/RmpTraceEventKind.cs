namespace FastRmp.Images;

/// <summary>What an event of an RMP trace is.</summary>
public enum RmpTraceEventKind : byte
{
    /// <summary>A line with a verb that this version does not know: later versions of the language have more.</summary>
    Other = 0,

    /// <summary>RMPUPDATE.</summary>
    RmpUpdate = 1,

    /// <summary>PSMASH.</summary>
    PSmash = 2,

    /// <summary>A command to the firmware.</summary>
    Firmware = 3,

    /// <summary>A page fault with the RMP bit that the kernel took for a write of its own.</summary>
    Fault = 4,

    /// <summary>The kernel split a large leaf of its direct map.</summary>
    Split = 5,

    /// <summary>The kernel joined leaves of its direct map to a large one.</summary>
    Join = 6,

    /// <summary>The kernel wrote a page.</summary>
    Write = 7,

    /// <summary>The kernel read a page; the RMP does not check that.</summary>
    Read = 8,

    /// <summary>Firmware's PAGE_UNSMASH: 512 entries of a 2 MiB region become one.</summary>
    Unsmash = 9,

    /// <summary>A guest's PVALIDATE.</summary>
    PValidate = 10,

    /// <summary>A device's access to memory. It does not go through the direct map.</summary>
    Dma = 11,

    /// <summary>A guest's access to its memory. It does not go through the direct map.</summary>
    Guest = 12,

    /// <summary>Pages of a guest change sides, to private or to shared: one line for the RMPUPDATEs and the PSMASH of that.</summary>
    Convert = 13,

    /// <summary>A point in time with a name; nothing happens.</summary>
    Mark = 14,
}
