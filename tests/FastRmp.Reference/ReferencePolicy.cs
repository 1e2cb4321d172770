using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>When the host splits its direct map, and whether it joins again (direct map 7).</summary>
/// <param name="Name">The name in reports.</param>
/// <param name="SplitsFor4K">Whether a 4 KiB RMPUPDATE is preceded by a split.</param>
/// <param name="SplitsFor2M">Whether a 2 MiB RMPUPDATE is preceded by a split.</param>
/// <param name="SplitsOnFault">Whether the fault handler splits.</param>
/// <param name="Rejoins">Whether a release is followed by a rejoin.</param>
public sealed record ReferencePolicy(string Name, bool SplitsFor4K, bool SplitsFor2M, bool SplitsOnFault, bool Rejoins)
{
    /// <summary>Whether pages that are not memory are refused (direct map 3, AdjustDirectMap).</summary>
    public bool RefusesOutsideMemory { get; init; }

    /// <summary>Never splits.</summary>
    public static ReferencePolicy Never { get; } = new("never", false, false, false, false);

    /// <summary>Splits before every RMPUPDATE, assigning or releasing, 4 KiB or 2 MiB.</summary>
    public static ReferencePolicy Eager { get; } = new("eager", true, true, false, false);

    /// <summary>Splits before each 4 KiB RMPUPDATE only.</summary>
    public static ReferencePolicy LevelAware { get; } = new("level-aware", true, false, false, false) { RefusesOutsideMemory = true };

    /// <summary>Splits in the fault handler only.</summary>
    public static ReferencePolicy OnDemand { get; } = new("on-demand", false, false, true, false);

    /// <summary>All seven policies in the order of the report.</summary>
    public static IReadOnlyList<ReferencePolicy> All { get; } =
    [
        Never,
        Eager,
        Eager.WithRejoin(),
        LevelAware,
        LevelAware.WithRejoin(),
        OnDemand,
        OnDemand.WithRejoin(),
    ];

    /// <summary>The same policy, which joins again after a release.</summary>
    /// <returns>A policy with "+rejoin" behind its name.</returns>
    public ReferencePolicy WithRejoin() => this with { Name = Name + "+rejoin", Rejoins = true };
}
