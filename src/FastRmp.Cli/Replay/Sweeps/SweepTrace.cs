using System.Collections.Generic;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>A trace of a sweep.</summary>
/// <param name="Name">What rows call it.</param>
/// <param name="Files">Its files, put together by their times; none for the sample.</param>
/// <param name="Iomem">Its memory listing; null for none, or for the sample's own.</param>
/// <param name="Written">The name in the plan of each file, and of the listing.</param>
/// <param name="Generate">What it is made from, as <c>--generate</c> has it; null for one that is read.</param>
internal sealed record SweepTrace(
    string Name, IReadOnlyList<string> Files, string? Iomem, IReadOnlyDictionary<string, string> Written, string? Generate = null);
