namespace FastRmp.Paging;

/// <summary>One entry that a walk passed.</summary>
/// <param name="Level">The level of its table.</param>
/// <param name="Address">Where it stands.</param>
/// <param name="Entry">What it held when it was read.</param>
public readonly record struct WalkStep(PagingLevel Level, PhysicalAddress Address, PagingEntry Entry);
