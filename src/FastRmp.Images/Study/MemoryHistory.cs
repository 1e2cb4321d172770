using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Physical memory at some instants, which all policies share.</summary>
/// <param name="Regions">How many regions of 2 MiB there are up to the end of RAM.</param>
/// <param name="CellRegions">How many of them are one cell of the picture.</param>
/// <param name="FollowedStep">One region in so many is in the distributions.</param>
/// <param name="IsRam">For each cell whether any of its regions is all RAM.</param>
/// <param name="Times">The instants, in nanoseconds since the first event.</param>
/// <param name="Guests">At each instant for each cell how much of it guests own: 0 nothing, 1 less than half, 2 half or more, 3
/// everything.</param>
internal sealed record MemoryHistory(
    int Regions, int CellRegions, int FollowedStep, IReadOnlyList<bool> IsRam, IReadOnlyList<long> Times, IReadOnlyList<byte[]> Guests);
