using System.Collections.Generic;

namespace FastRmp.Benchmarks.Scaling;

/// <summary>What threads do at the same time.</summary>
/// <param name="Title">What the table calls it; an operation is a pair of updates with the reads after it.</param>
/// <param name="Place">Where each thread's pages are.</param>
/// <param name="AreAsidsAdjacent">Whether the counters of the threads' ASIDs would stand in the same cache line of the bookkeeping.</param>
/// <param name="Reads">What each thread reads beside its updates.</param>
internal sealed record ScaleKind(string Title, ScalePlace Place, bool AreAsidsAdjacent, ScaleReads Reads)
{
    /// <summary>All, in the order of the table; the first has nothing in common between threads, and is what others are compared with that
    /// show whether cache lines are shared without need.</summary>
    internal static IReadOnlyList<ScaleKind> All { get; } =
    [
        new("regions of its own, far apart; ASIDs 8 apart", ScalePlace.Apart, AreAsidsAdjacent: false, ScaleReads.None),
        new("regions of its own between the others'", ScalePlace.Between, AreAsidsAdjacent: false, ScaleReads.None),
        new("regions of its own, far apart; ASIDs side by side", ScalePlace.Apart, AreAsidsAdjacent: true, ScaleReads.None),
        new("the same regions, retried", ScalePlace.Same, AreAsidsAdjacent: false, ScaleReads.None),
        new("the same pages, retried", ScalePlace.SamePages, AreAsidsAdjacent: false, ScaleReads.None),
        new("the same regions, retried, and 16 checks of a host's write", ScalePlace.Same, AreAsidsAdjacent: false, ScaleReads.Check),
        new("the same regions, retried, and 16 RMPREADs", ScalePlace.Same, AreAsidsAdjacent: false, ScaleReads.RmpRead),
    ];

    /// <summary>Whether threads have all for themselves, so that each should be as fast as one alone.</summary>
    internal bool IsApart => Place is ScalePlace.Apart or ScalePlace.Between;
}
