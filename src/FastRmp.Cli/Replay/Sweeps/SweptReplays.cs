using System.Linq;
using FastRmp.Cli.Report;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>From rows to what is drawn of them.</summary>
internal static class SweptReplays
{
    internal static SweptReplay From(SweepRow row) => new(
        row.Task, row.Trace, row.GuestPattern, row.Sizes, row.Convert, row.Seed, row.RamBytes,
        row.Guests, row.OwnedPeak, row.Costs.Processors, row.Costs.Tlb,
        row.Costs.Nanoseconds,
        [
            .. row.Policies.Where(static one => one.Key != ReplayTable.OptimumName).Select(static one => new SweptPolicy(
                one.Key, one.Value.Tables?.Mean ?? 0, one.Value.Flushes.Global + one.Value.Flushes.Ranged, one.Value.Counts.Fatal,
                one.Value.Modelled.Total, one.Value.OfOptimum)),
        ]);
}
