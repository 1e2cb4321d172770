using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>A worker joins, ten times a second, what has no page of a guest and was touched by nobody for 100 ms; one flush for all of
/// them.</summary>
internal sealed class WhenIdle : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => "+idle";

    /// <inheritdoc/>
    internal override string Summary => "by a worker every 100 ms, what nobody touched for 100 ms; one flush";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State();

    private sealed class State : Joiner
    {
        private readonly HashSet<int> _known = [];
        private List<int> _waiting = [];
        private List<int> _next = [];

        internal override bool HasTicks => true;

        internal override void Emptied(MapStudy map, MapRun run, int region)
        {
            if (_known.Add(region)) _waiting.Add(region);
        }

        internal override void Tick(MapStudy map, MapRun run)
        {
            bool joined = false;
            run.Scans += _waiting.Count;
            foreach (int region in _waiting)
            {
                bool isJoinable = map.IsJoinable(run, region);
                if (isJoinable && map.LastTouch(region) > map.Now - MapStudy.TickNanoseconds)
                {
                    _next.Add(region);
                    continue;
                }

                _ = _known.Remove(region);
                if (!isJoinable) continue;
                map.Join(run, region);
                joined = true;
            }

            (_waiting, _next) = (_next, _waiting);
            _next.Clear();
            if (joined) map.Flush(run);
        }
    }
}
