using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>A worker joins, ten times a second, what has had no page of a guest for 100 ms; one flush for all of them.</summary>
internal sealed class AfterDelay : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => "+time";

    /// <inheritdoc/>
    internal override string Summary => "by a worker every 100 ms, what had no guest pages for 100 ms; one flush";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State();

    private sealed class State : Joiner
    {
        private readonly Queue<(int Region, long Since)> _waiting = new();

        internal override bool HasTicks => true;

        internal override void Emptied(MapStudy map, MapRun run, int region) => _waiting.Enqueue((region, map.EmptySince(region)));

        internal override void Tick(MapStudy map, MapRun run)
        {
            bool joined = false;
            while (_waiting.TryPeek(out (int Region, long Since) first) && first.Since <= map.Now - MapStudy.TickNanoseconds)
            {
                _ = _waiting.Dequeue();
                run.Scans++;

                // Who came back meanwhile, and left again, waits anew.
                if (!map.IsJoinable(run, first.Region) || map.EmptySince(first.Region) != first.Since) continue;
                map.Join(run, first.Region);
                joined = true;
            }

            if (joined) map.Flush(run);
        }
    }
}
