using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>Replays a trace under many policies in one pass.</summary>
internal static class TraceStudy
{
    /// <summary>Nanoseconds between two events of a trace without times.</summary>
    internal const long UntimedNanoseconds = 1000;

    /// <summary>Replays a page allocator's trace.</summary>
    internal static StudyResult Run(
        ReplayPlan plan, ReadOnlySpan<MapVariant> policies, StudyCosts costs, Action<long>? progress = null,
        bool isRecorded = false, StudyExtras? extras = null, CancellationToken cancellation = default)
    {
        Groups groups = new(policies, MeetsHoles(plan));
        foreach (MapVariant[] group in groups.Parts)
        {
            StudyRecorder? recorder = isRecorded ? new StudyRecorder(group.Length) : null;
            StudyExtras? own = group == groups.Parts[0] ? extras : extras is null ? null : extras with { Record = null };
            PageStudy study = new(plan, group, costs, Groups.IsRefusing(group), recorder, own, cancellation);
            groups.Add(study.Run(groups.Progress(group, progress)), study.Best, study.OwnedPeak, study.Histories);
            groups.Converted ??= study.Converted;
            (groups.Allocations, groups.Releases) = (study.Allocations, study.Releases);
        }

        return groups.Result(policies, costs);
    }

    /// <summary>Replays a trace of RMP instructions.</summary>
    internal static StudyResult Run(
        RmpReplayPlan plan, ReadOnlySpan<MapVariant> policies, StudyCosts costs, Action<long>? progress = null,
        bool isRecorded = false, StudyExtras? extras = null, CancellationToken cancellation = default)
    {
        Groups groups = new(policies, MeetsHoles(plan));
        foreach (MapVariant[] group in groups.Parts)
        {
            StudyRecorder? recorder = isRecorded ? new StudyRecorder(group.Length) : null;
            RmpTraceWriter? record = group == groups.Parts[0] ? extras?.Record : null;
            RmpStudy study = new(plan, group, costs, Groups.IsRefusing(group), recorder, record, cancellation);
            groups.Add(study.Run(groups.Progress(group, progress)), study.Best, study.OwnedPeak, study.Histories);
        }

        return groups.Result(policies, costs);
    }

    // Policies that refuse pages that are not RAM leave another RMP behind than the others, if the trace has such pages.
    private static bool MeetsHoles(ReplayPlan plan)
    {
        if (plan.Ram.Length == 1) return false;
        foreach (ReadOnlySpan<PageEvent> block in plan.Trace.Blocks)
        {
            foreach (ref readonly PageEvent one in block)
            {
                if (one.Order == 0 || !plan.IsGuestAllocation(one) || !plan.IsRam(one)) continue;
                ulong last = (one.Frame + one.Pages - 1) << PageSize.Size4K.Shift();
                if (RamRanges.Find(plan.Ram, one.Frame << PageSize.Size4K.Shift(), last) < 0) return true;
            }
        }

        return false;
    }

    private static bool MeetsHoles(RmpReplayPlan plan)
    {
        if (plan.Trace.Updates.MeetHoles(plan.Ram, plan.Trace.End) is { } known) return known;
        foreach (ReadOnlySpan<RmpRecord> block in plan.Trace.Blocks)
        {
            foreach (ref readonly RmpRecord one in block)
            {
                bool updates = one.Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.Convert;
                if (updates && !RmpUpdatesSeen.IsWithin(plan.Ram, one)) return true;
            }
        }

        return false;
    }

    /// <summary>The policies that share an RMP, and their rows.</summary>
    private sealed class Groups
    {
        private readonly Dictionary<string, StudyRow> _rows = [];
        private readonly Dictionary<string, PolicyHistory> _histories = [];
        private OptimumResult? _optimum;
        private long _ownedPeak;

        internal Groups(ReadOnlySpan<MapVariant> policies, bool isSeparate)
        {
            MapVariant[] all = policies.ToArray();
            Parts = isSeparate
                ? Array.FindAll(
                    (MapVariant[][])[
                        Array.FindAll(all, static one => !one.Policy.RefusesOutsideRam),
                        Array.FindAll(all, static one => one.Policy.RefusesOutsideRam)],
                    static part => part.Length != 0)
                : [all];
        }

        internal MapVariant[][] Parts { get; }

        internal ConversionCounts? Converted { get; set; }

        internal long Allocations { get; set; }

        internal long Releases { get; set; }

        // A group of both kinds meets no hole.
        internal static bool IsRefusing(MapVariant[] group) => Array.TrueForAll(group, static one => one.Policy.RefusesOutsideRam);

        // The first group reports; the second is as quick.
        internal Action<long>? Progress(MapVariant[] group, Action<long>? progress) => group == Parts[0] ? progress : null;

        internal void Add(IReadOnlyList<StudyRow> rows, OptimumResult optimum, long ownedPeak, PolicyHistory[]? histories)
        {
            foreach (PolicyHistory history in histories ?? [])
            {
                _histories.Add(history.Policy, history);
            }

            _optimum ??= optimum;
            _ownedPeak = Math.Max(_ownedPeak, ownedPeak);
            foreach (StudyRow row in rows)
            {
                _rows.Add(row.Counts.Policy, row);
            }
        }

        internal StudyResult Result(ReadOnlySpan<MapVariant> policies, StudyCosts costs)
        {
            StudyRow[] rows = Array.ConvertAll(policies.ToArray(), one => _rows[one.Name]);
            PolicyHistory[]? histories =
                _histories.Count == 0 ? null : Array.ConvertAll(policies.ToArray(), one => _histories[one.Name]);
            return new StudyResult(rows, _optimum!, costs, _ownedPeak, histories)
            {
                Converted = Converted,
                Allocations = Allocations,
                Releases = Releases,
            };
        }
    }
}
