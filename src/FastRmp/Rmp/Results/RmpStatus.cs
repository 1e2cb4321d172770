namespace FastRmp;

/// <summary>What an RMP instruction leaves in EAX.</summary>
/// <remarks>Older sources use other numbers for two codes: host series v6 and v7 and Hyper-V define FAIL_OVERLAP as 7, early RFCs define
/// PSMASH's FAIL_BADADDR as 4. Hardware returns the values here.</remarks>
public enum RmpStatus : byte
{
    /// <summary>SUCCESS: the instruction took effect.</summary>
    Success = 0,

    /// <summary>FAIL_INPUT: the operand or the address is malformed, or the page has no entry.</summary>
    FailInput = 1,

    /// <summary>FAIL_PERMISSION: the entry is immutable; a host's instruction was executed in a guest; or a VMPL requests more permissions
    /// than it has (RMPADJUST, RMPQUERY).</summary>
    FailPermission = 2,

    /// <summary>FAIL_INUSE: another processor holds the entry, or a running guest uses the page.</summary>
    FailInUse = 3,

    /// <summary>FAIL_OVERLAP: a 2 MiB page and a 4 KiB page would overlap; or contention, see
    /// <see cref="FastRmp.ContentionCode"/>.</summary>
    FailOverlap = 4,

    /// <summary>FAIL_SIZEMISMATCH: the page size asked for is not that of the entry.</summary>
    FailSizeMismatch = 6,

    /// <summary>FAIL_BADADDR: the page is not a 2 MiB page that PSMASH can split.</summary>
    FailBadAddress = 7,
}
