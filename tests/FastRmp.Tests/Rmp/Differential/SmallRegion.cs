namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// A region cut down to its base, two sub-pages, and one that represents the 509 others, which only 2 MiB operations touch.
/// </summary>
internal readonly record struct SmallRegion(RmpEntry First, RmpEntry Second, RmpEntry Third, RmpEntry Other);
