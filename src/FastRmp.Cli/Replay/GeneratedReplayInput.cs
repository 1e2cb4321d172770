using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>A trace that is made while it is replayed, and is nowhere as a whole.</summary>
internal sealed class GeneratedReplayInput(GeneratorModel model) : ReplayInput
{
    private readonly ReplayPlan _plan = ReplayPlan.Create(model);
    private StudyResult? _result;

    internal override string Name => _plan.Trace.Name;

    /// <summary>Progress is told by time.</summary>
    internal override long EventCount => Math.Max(1, model.Nanoseconds);

    internal override long LineCount => 0;

    internal override InputProblems Problems => _plan.Trace.Problems;

    internal override int Guests => _plan.Guests;

    internal override IReadOnlyList<string> GuestNames => _plan.GuestNames;

    internal override ulong RamBytes => _plan.RamBytes;

    internal override string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}, {model.Text}, seed {model.Seed}: {_result?.Allocations} mm_page_alloc, {_result?.Releases} mm_page_free");

    internal override IEnumerable<string> Notes => [];

    internal override void Prepare(IomemListing? listing, ReplayOptions options)
    {
    }

    internal override void Remark(Session session, ReplayOptions options)
    {
        if (options.GuestPattern == ReplayOptions.DefaultGuestPattern && options.LargeEntries) return;
        session.Remark($"{Name}: names guests and sizes itself: --guest-comm and --rmp do nothing");
    }

    internal override StudyResult Replay(
        MapVariant[] policies, StudyCosts costs, Action<long>? progress, bool isRecorded, CancellationToken cancellation) =>
        _result = TraceStudy.Run(_plan, policies, costs, progress, isRecorded, Extras, cancellation);

    internal override string ToJson(StudyResult study, bool showsOptimum) => JsonSerializer.Serialize(
        ReplayReport.From(new EventsReport(study.Allocations, study.Releases, 0, 0, null), study, showsOptimum),
        ReplayJsonContext.Default.ReplayReport);

    public override void Dispose()
    {
        _plan.Trace.Dispose();
        base.Dispose();
    }
}
