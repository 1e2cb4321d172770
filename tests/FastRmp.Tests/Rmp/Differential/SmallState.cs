namespace FastRmp.Tests.Rmp.Differential;

/// <summary>All that distinguishes two states of the state space.</summary>
/// <param name="Left">Region 0.</param>
/// <param name="Right">Region 1.</param>
/// <param name="IsFirstInUse">Whether the base page of region 0 is in use.</param>
/// <param name="IsSecondInUse">Whether the page after it is.</param>
/// <param name="IsOptimized">Whether core 0 skips the checks.</param>
internal readonly record struct SmallState(SmallRegion Left, SmallRegion Right, bool IsFirstInUse, bool IsSecondInUse, bool IsOptimized);
