using FastRmp.Images;

namespace FastRmp.Cli.CrossCheck;

/// <summary>An RMP, and the direct map beside it.</summary>
/// <param name="Rmp">Where the RMP is.</param>
/// <param name="Report">The comparison.</param>
internal sealed record RmpComparison(RmpLocation Rmp, CrossCheckReport Report);
