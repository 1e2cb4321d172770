using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The result of a nested walk.</summary>
public sealed record ReferenceNestedResult
{
    /// <summary>How it ended.</summary>
    public required ReferenceNestedOutcome Outcome { get; init; }

    /// <summary>How the guest's own walk ended; Mapped also where it was cut short by something else.</summary>
    public ReferenceWalkOutcome GuestOutcome { get; init; }

    /// <summary>How the last walk of the nested tables ended.</summary>
    public ReferenceWalkOutcome NestedOutcome { get; init; }

    /// <summary>The guest level at which it ended, 5 to 1; 0 once the walk is at the final address, or not canonical.</summary>
    public int GuestLevel { get; init; }

    /// <summary>The level at which the last walk of the nested tables ended; 0 before the first.</summary>
    public int NestedLevel { get; init; }

    /// <summary>The error code of a guest's #PF, 0x404 of its #VC, otherwise 0.</summary>
    public uint ErrorCode { get; init; }

    /// <summary>EXITINFO1 of an NPF, otherwise 0.</summary>
    public ulong ExitInfo1 { get; init; }

    /// <summary>EXITINFO2 of an NPF: the guest physical address, low bits included; otherwise 0.</summary>
    public ulong ExitInfo2 { get; init; }

    /// <summary>The final guest physical address without a C-bit; once the guest's walk reached a leaf.</summary>
    public ulong GuestPhysicalAddress { get; init; }

    /// <summary>The system physical address that the access reaches; once the final address was translated.</summary>
    public ulong PhysicalAddress { get; init; }

    /// <summary>The size of the guest's leaf, if one was reached.</summary>
    public ReferencePageSize? GuestPageSize { get; init; }

    /// <summary>The size of the nested leaf of the final address, if it was translated.</summary>
    public ReferencePageSize? NestedPageSize { get; init; }

    /// <summary>The smaller of both: the size of the combined translation (paging 8.2).</summary>
    public ReferencePageSize? PageSize => NestedPageSize is null || NestedPageSize > GuestPageSize ? GuestPageSize : NestedPageSize;

    /// <summary>The rights of the guest's entries that were passed.</summary>
    public ReferenceRights GuestRights { get; init; }

    /// <summary>The rights of the nested entries of the final address, if it was translated.</summary>
    public ReferenceRights NestedRights { get; init; }

    /// <summary>Whether the final access is private; once the guest's walk passed its rights.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>The system physical address of the entry at which the walk ended, also when it could not be read; 0 if it ended at
    /// none.</summary>
    public ulong EntryAddress { get; init; }

    /// <summary>The entries read, in order, as they were when read.</summary>
    public required IReadOnlyList<ReferenceNestedStep> Steps { get; init; }

    /// <summary>The Accessed and Dirty updates of both kinds of tables, in order, by system physical address; empty if not asked
    /// for.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Writes { get; init; }
}
