using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>What came of a guest's instruction that began with a guest virtual address.</summary>
public sealed record ReferenceInstructionResult
{
    /// <summary>How it ended.</summary>
    public required ReferenceInstructionOutcome Outcome { get; init; }

    /// <summary>The registers afterwards; unchanged by a fault.</summary>
    public required ReferenceRegisters Registers { get; init; }

    /// <summary>The error code of #PF or #VC, otherwise 0.</summary>
    public ulong ErrorCode { get; init; }

    /// <summary>CR2 of #PF and #VC, otherwise 0.</summary>
    public ulong FaultAddress { get; init; }

    /// <summary>EXITINFO1 of an NPF, otherwise 0.</summary>
    public ulong ExitInfo1 { get; init; }

    /// <summary>EXITINFO2 of an NPF, otherwise 0.</summary>
    public ulong ExitInfo2 { get; init; }

    /// <summary>The Accessed and Dirty updates of the walk, in order; empty if not asked for or if there was no walk.</summary>
    public IReadOnlyList<ReferenceTableEntry> Writes { get; init; } = [];
}
