using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>One replay of a sweep: a trace with one value of every parameter, under all policies in one pass. A row of its
/// result.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Trace">The trace.</param>
/// <param name="Options">Who is a guest, and the sizes of RMP entries.</param>
/// <param name="Convert">Page-state changes laid over it, as <c>--convert</c> has them; null for none.</param>
/// <param name="Seed">What random numbers begin with.</param>
/// <param name="Costs">What things cost.</param>
internal sealed record SweepTask(
    int Index, SweepTrace Trace, ReplayOptions Options, string? Convert, ulong Seed, StudyCosts Costs)
{
    /// <summary>Whether another task reads and prepares the same.</summary>
    internal bool SharesInput(SweepTask other) =>
        (Trace, Options, Convert, Seed) == (other.Trace, other.Options, other.Convert, other.Seed);

    /// <summary>The value of <c>--rmp</c>.</summary>
    internal string Sizes => Options.LargeEntries ? ReplayCommand.AutoSizes : ReplayCommand.SmallSizes;
}
