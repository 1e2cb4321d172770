using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>How a policy's map changed over the time of a trace.</summary>
/// <param name="Policy">The name of its row.</param>
/// <param name="Times">Points in time, in nanoseconds since the first event; the last is the end.</param>
/// <param name="Series">The values of each <see cref="StudySeries"/> at these times.</param>
/// <param name="Memory">What is the same for all policies.</param>
/// <param name="Splits">At each instant of <paramref name="Memory"/> for each cell how much of it is split: 0 nothing, 1 less than half, 2
/// half or more.</param>
/// <param name="Lives">How long regions stayed split.</param>
internal sealed record PolicyHistory(
    string Policy, IReadOnlyList<long> Times, IReadOnlyList<long[]> Series, MemoryHistory Memory, IReadOnlyList<byte[]> Splits,
    RegionLives Lives)
{
    /// <summary>The values of one series.</summary>
    internal long[] this[StudySeries series] => Series[(int)series];
}
