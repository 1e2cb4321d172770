using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>The outcome of a trace under many policies.</summary>
/// <param name="Rows">A row for each policy, in the order asked for.</param>
/// <param name="Optimum">The least that it could have cost.</param>
/// <param name="Costs">The constants.</param>
/// <param name="OwnedPeak">The most 4 KiB pages that guests owned at once.</param>
/// <param name="Histories">How each policy's map changed, if that was asked for.</param>
internal sealed record StudyResult(
    IReadOnlyList<StudyRow> Rows, OptimumResult Optimum, StudyCosts Costs, long OwnedPeak,
    IReadOnlyList<PolicyHistory>? Histories = null)
{
    private const string Name = "optimum";
    private const long PagesOfRegion = 512;

    /// <summary>What the guests of a conversion model did; null without one.</summary>
    internal ConversionCounts? Converted { get; init; }

    /// <summary>Allocations and releases of a page allocator's trace, as they were replayed.</summary>
    internal long Allocations { get; init; }

    internal long Releases { get; init; }

    /// <summary>A policy's modelled cost as a multiple of the optimum's; null if it had fatal writes, or if only the optimum costs
    /// nothing.</summary>
    internal double? Ratio(StudyRow row)
    {
        if (row.Counts.Counts.Fatal != 0) return null;
        double cost = row.Cost.Total;
        if (Optimum.Nanoseconds > 0) return cost / Optimum.Nanoseconds;
        return cost <= Optimum.Nanoseconds ? 1 : null;
    }

    /// <summary>What the best schedule does, as a policy's counts.</summary>
    internal ReplayResult OptimumCounts
    {
        get
        {
            ReplayResult any = Rows[0].Counts;
            ReplayCounts counts = any.Counts with
            {
                Violations = 0,
                Handled = 0,
                Fatal = 0,
                Splits2M = Optimum.Splits2M,
                Splits1G = Optimum.Splits1G,
                Rejoins2M = Optimum.Joins2M,
                Rejoins1G = 0,
            };
            long small = (Optimum.Splits2M - Optimum.Joins2M) * PagesOfRegion;
            LeafCounts end = new(
                any.Start.Leaves1G - Optimum.Splits1G,
                any.Start.Leaves2M + (Optimum.Splits1G * PagesOfRegion) - (Optimum.Splits2M - Optimum.Joins2M),
                any.Start.Leaves4K + small);
            return new ReplayResult(Name, counts, any.Start, end, end.Leaves4K);
        }
    }
}
