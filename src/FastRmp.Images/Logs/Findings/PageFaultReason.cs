namespace FastRmp.Images;

/// <summary>The words that Linux prints behind the error code of a page fault: the first of its bits that explains the fault.</summary>
/// <remarks>Source: Linux arch/x86/mm/fault.c (show_fault_oops).</remarks>
internal enum PageFaultReason
{
    /// <summary>No words, or none that are known.</summary>
    None,

    /// <summary>"not-present page".</summary>
    NotPresent,

    /// <summary>"reserved bit violation".</summary>
    Reserved,

    /// <summary>"protection keys violation".</summary>
    ProtectionKeys,

    /// <summary>"RMP violation".</summary>
    Rmp,

    /// <summary>"permissions violation".</summary>
    Permissions,
}
