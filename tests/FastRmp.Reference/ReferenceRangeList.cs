using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>A range list in memory: a header and what stands behind it (rmp 13.5).</summary>
public sealed record ReferenceRangeList
{
    /// <summary>Where it stands.</summary>
    public ulong Address { get; init; }

    /// <summary>The header's number of ranges; what is not in <see cref="Ranges"/> is zeros in memory. Null: as many as there
    /// are.</summary>
    public uint? Count { get; init; }

    /// <summary>Whether the header's reserved field is not 0.</summary>
    public bool HasReserved { get; init; }

    /// <summary>The ranges in their order.</summary>
    public IReadOnlyList<ReferenceListEntry> Ranges { get; init; } = [];
}
