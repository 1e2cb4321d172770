using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Regions without pages of guests are joined when 16 have gathered; one flush for all of them.</summary>
internal sealed class ByCount : JoinRule
{
    private const int Batch = 16;

    /// <inheritdoc/>
    internal override string Suffix => "+count";

    /// <inheritdoc/>
    internal override string Summary => "when 16 such regions have gathered; one flush";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State();

    private sealed class State : Joiner
    {
        private readonly List<int> _waiting = [];
        private readonly HashSet<int> _known = [];

        internal override void Emptied(MapStudy map, MapRun run, int region)
        {
            if (_known.Add(region)) _waiting.Add(region);
            if (_waiting.Count < Batch) return;
            run.Scans += _waiting.Count;
            KeepJoinable(map, run);
            if (_waiting.Count == Batch)
            {
                foreach (int one in _waiting)
                {
                    map.Join(run, one);
                }

                map.Flush(run);
                _waiting.Clear();
            }

            _known.Clear();
            _known.UnionWith(_waiting);
        }

        private void KeepJoinable(MapStudy map, MapRun run)
        {
            int kept = 0;
            for (int i = 0; i < _waiting.Count; i++)
            {
                if (map.IsJoinable(run, _waiting[i])) _waiting[kept++] = _waiting[i];
            }

            _waiting.RemoveRange(kept, _waiting.Count - kept);
        }
    }
}
