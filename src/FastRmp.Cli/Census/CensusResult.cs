using FastRmp.Cli.CrossCheck;
using FastRmp.Images;

namespace FastRmp.Cli.Census;

/// <summary>What was counted.</summary>
/// <param name="Location">Where the RMP is.</param>
/// <param name="Census">The pages.</param>
/// <param name="Scanned">Assigned pages by AssignedScan; zero if that was not asked for.</param>
/// <param name="Counters">The counters by ASID; null if the image does not hold them.</param>
/// <param name="AbsentPages">Pages whose entries the image does not hold.</param>
/// <param name="FirstAbsentPage">The first of them.</param>
internal sealed record CensusResult(
    RmpLocation Location, RmpCensus Census, ulong Scanned, ulong[]? Counters, ulong AbsentPages, PhysicalAddress FirstAbsentPage)
{
    /// <summary>Whether no entry says anything: each is a page of the hypervisor's, as zeros are.</summary>
    internal bool IsUnused => Census.Pages != 0 && Census.IsConsistent && Census.PagesIn(PageState.Hypervisor) == Census.Pages;

    /// <summary>The direct map beside it; null if there is none in the image.</summary>
    internal CrossCheckReport? DirectMap { get; init; }
}
