using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>A region is joined when what its small leaves cost the host since the guests left has reached what splitting it again would
/// cost. The join has no flush of its own.</summary>
/// <remarks>
/// <para>The decision is that of renting or buying: to stay split costs a little for each page that the host uses, to join costs a split if
/// guests come back. Who waits until the rent has reached the price pays at most twice what the best decision would have cost for that
/// region, whatever the future is; and where regions are refilled before, as on a busy host, it pays nothing for joining at all. The kernel
/// counts pages that the allocator gives out in the region, no scan and no worker is needed.</para>
/// <para>No flush: the large leaf translates as the 512 small ones did, with the same rights, so that either may be cached; only the table
/// page must not be used again before every processor forgot it. It waits for the next flush of all processors, that of the next
/// split.</para>
/// </remarks>
internal sealed class ByDebt : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => "+debt";

    /// <inheritdoc/>
    internal override string Summary => "join when the misses since guests left cost as much as a split; the flush is the next split's";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State(costs);

    private sealed class State(StudyCosts costs) : Joiner
    {
        private readonly long _limit = (long)((costs.Split + costs.JoinRiding) / costs.Walk);
        private readonly Dictionary<int, long> _debts = [];

        internal override bool CountsTouches => true;

        internal override void Emptied(MapStudy map, MapRun run, int region) => _debts[region] = 0;

        internal override void HostTouched(MapStudy map, MapRun run, int region, int pages)
        {
            long debt = _debts.GetValueOrDefault(region) + pages;
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
