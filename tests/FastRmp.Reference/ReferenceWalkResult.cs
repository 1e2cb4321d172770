using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The result of a page walk.</summary>
public sealed record ReferenceWalkResult
{
    /// <summary>How it ended.</summary>
    public required ReferenceWalkOutcome Outcome { get; init; }

    /// <summary>The level at which it ended, 5 to 1; 0 for an address that is not canonical.</summary>
    public int Level { get; init; }

    /// <summary>The size of the page; only if a leaf was reached, that is for Mapped, Rights and a refused write to the leaf.</summary>
    public ReferencePageSize? PageSize { get; init; }

    /// <summary>The physical address that the access reaches; set with <see cref="PageSize"/>.</summary>
    public ulong PhysicalAddress { get; init; }

    /// <summary>R/W of all levels passed, and-ed (paging 4).</summary>
    public bool Writable { get; init; }

    /// <summary>U/S of all levels passed, and-ed (paging 4).</summary>
    public bool User { get; init; }

    /// <summary>NX of all levels passed, or-ed (paging 4).</summary>
    public bool NoExecute { get; init; }

    /// <summary>The error code of the #PF; 0 if there is none.</summary>
    public uint ErrorCode { get; init; }

    /// <summary>The physical address of the entry at which the walk ended, also when it could not be read.</summary>
    public ulong EntryAddress { get; init; }

    /// <summary>The entries read, from the top, as they were when read.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Entries { get; init; }

    /// <summary>The Accessed and Dirty updates in the order in which the processor makes them; empty if not asked for.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Writes { get; init; }
}
