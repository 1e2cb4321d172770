namespace FastRmp.Cli.Census;

/// <summary>What was counted.</summary>
/// <param name="Census">The pages.</param>
/// <param name="Scanned">Assigned pages by AssignedScan; zero if that was not asked for.</param>
/// <param name="Counters">The counters by ASID; null if the image does not hold them.</param>
/// <param name="AbsentPages">Pages whose entries the image does not hold.</param>
/// <param name="FirstAbsentPage">The first of them.</param>
internal sealed record CensusResult(RmpCensus Census, ulong Scanned, ulong[]? Counters, ulong AbsentPages, PhysicalAddress FirstAbsentPage);
