using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>A region is joined when what its small leaves cost the host since the guests left has reached three eighths of what splitting
/// it again would cost. The join has no flush of its own.</summary>
/// <remarks>
/// <para>The decision is that of renting or buying: to stay split costs misses of the TLB that a large leaf would not have had, to join
/// costs a split if guests come back. Where regions are refilled before, as on a busy host, nothing is paid for joining at all; where
/// guests are gone for long, at most three eighths of a split more than the best decision would have cost. Who waits for share <i>a</i>
/// of a split never pays more than 1 + 1/<i>a</i> times the best for a region, whatever the future is; <i>a</i> = 1 has the best such
/// bound, 2, and is worse on hosts that are modelled (docs/study.md). A kernel sees the misses by sampling them (IBS has address and TLB
/// level of accesses); no scan and no worker is needed.</para>
/// <para>No flush: the large leaf translates as the 512 small ones did, with the same rights, so that either may be cached; only the table
/// page must not be used again before every processor forgot it. It waits for the next flush of all processors, that of the next
/// split.</para>
/// </remarks>
internal sealed class ByDebt : JoinRule
{
    /// <summary>Of what a split and the join cost.</summary>
    internal const double Share = 0.375;

    /// <inheritdoc/>
    internal override string Suffix => "+debt";

    /// <inheritdoc/>
    internal override string Summary => "join when the misses since guests left cost 3/8 of a split; the flush is the next split's";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State(costs);

    private sealed class State(StudyCosts costs) : Joiner
    {
        private readonly long _limit = Optimum.Picoseconds(Share * (costs.Split + costs.JoinRiding));
        private readonly Dictionary<int, long> _debts = [];

        internal override bool CountsTouches => true;

        internal override void Emptied(MapStudy map, MapRun run, int region) => _debts[region] = 0;

        internal override void HostTouched(MapStudy map, MapRun run, int region, long picoseconds)
        {
            long debt = _debts.GetValueOrDefault(region) + picoseconds;
            if (debt < _limit)
            {
                _debts[region] = debt;
                return;
            }

            _ = _debts.Remove(region);
            map.Join(run, region);
        }
    }
}
