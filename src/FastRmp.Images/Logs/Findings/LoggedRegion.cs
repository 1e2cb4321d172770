using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>The dump of a 2 MiB region: Linux prints it for a page that is not assigned, with every entry of the region that is not
/// zero.</summary>
public sealed class LoggedRegion : LogFinding
{
    internal LoggedRegion(LogPlace place, ulong pfn, ulong start, ulong end)
        : base(place)
    {
        Pfn = pfn;
        Start = start;
        End = end;
    }

    /// <summary>The page frame that the dump was made for.</summary>
    public ulong Pfn { get; }

    /// <summary>The region's first page frame.</summary>
    public ulong Start { get; }

    /// <summary>The page frame after the region.</summary>
    public ulong End { get; }

    /// <summary>The entries that were printed, at most 512.</summary>
    public IReadOnlyList<LoggedRmpEntry> Entries => List;

    /// <summary>Whether entries are missing: the log has a cut there, or lost lines.</summary>
    public bool IsElided { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;

    internal List<LoggedRmpEntry> List { get; } = [];
}
