using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>The outcome of a host under one policy.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Counts">What was counted.</param>
/// <param name="Start">The direct map's leaves before the first event.</param>
/// <param name="End">The direct map's leaves after the last event.</param>
/// <param name="Peak4K">The most leaves of 4 KiB at any moment, the start included.</param>
public sealed record ReplayResult(string Policy, ReplayCounts Counts, LeafCounts Start, LeafCounts End, long Peak4K)
{
    /// <summary>The map's own statistics of a replay on a whole host.</summary>
    internal DirectMapStatistics? Map { get; init; }
}
