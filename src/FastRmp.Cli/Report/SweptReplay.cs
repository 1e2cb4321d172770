using System.Collections.Generic;

namespace FastRmp.Cli.Report;

/// <summary>One replay of a sweep.</summary>
/// <param name="Task">Its number.</param>
/// <param name="Trace">The trace's name.</param>
/// <param name="GuestPattern">Which tasks are guests.</param>
/// <param name="Sizes">Sizes of RMP entries.</param>
/// <param name="Convert">Page-state changes laid over the trace; null for none.</param>
/// <param name="Seed">What random numbers began with.</param>
/// <param name="RamBytes">The host's RAM.</param>
/// <param name="Guests">How many guests there are.</param>
/// <param name="OwnedPeak">The most 4 KiB pages that guests owned at once.</param>
/// <param name="Processors">How many processors the host has.</param>
/// <param name="Tlb">Whose TLBs.</param>
/// <param name="Nanoseconds">The other costs.</param>
/// <param name="Policies">What came of each policy.</param>
internal sealed record SweptReplay(
    int Task, string Trace, string GuestPattern, string Sizes, string? Convert, ulong Seed, ulong RamBytes,
    int Guests, long OwnedPeak, int Processors, string Tlb,
    IReadOnlyDictionary<string, double> Nanoseconds, IReadOnlyList<SweptPolicy> Policies)
{
    private const double PageBytes = 4096;

    /// <summary>The part of RAM that guests owned when it was most.</summary>
    internal double Density => RamBytes == 0 ? 0 : OwnedPeak * PageBytes / RamBytes;
}
