using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>A trace of what a host asked of its RMP.</summary>
internal sealed class RmpReplayInput(RmpTrace trace) : ReplayInput
{
    private RmpReplayPlan? _plan;

    internal override string Name => trace.Name;

    internal override long EventCount => trace.EventCount;

    internal override long LineCount => trace.LineCount;

    internal override InputProblems Problems => trace.Problems;

    internal override int Guests => Plan.Guests;

    internal override IReadOnlyList<string> GuestNames => [];

    internal override ulong RamBytes => Plan.RamBytes;

    internal override string Summary
    {
        get
        {
            List<string> counts = [];
            foreach ((string name, RmpTraceEventKind kind) in RmpEventsReport.Names)
            {
                long count = trace.Count(kind);
                bool isAlways = kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash;
                if (count != 0 || isAlways) counts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {name}"));
            }

            return $"{trace.Name}: {string.Join(", ", counts)}";
        }
    }

    internal override IEnumerable<string> Notes
    {
        get
        {
            (long failed, long injected) = (trace.Failed, trace.Injected);
            return failed == 0 ? [] : [string.Create(
                CultureInfo.InvariantCulture, $"instructions that failed, and fail here: {failed}, of which {injected} were injected")];
        }
    }

    private RmpReplayPlan Plan => _plan ?? throw new InvalidOperationException("The replay is not prepared.");

    internal override void Prepare(IomemListing? listing, ReplayOptions options) =>
        _plan = listing is null ? RmpReplayPlan.Create(trace) : RmpReplayPlan.Create(trace, listing.SystemRam);

    internal override void Remark(Session session, ReplayOptions options)
    {
        if (options.GuestPattern != ReplayOptions.DefaultGuestPattern || !options.LargeEntries)
        {
            session.Remark(
                $"{trace.Name}: is a trace of RMP instructions, which name guests and sizes themselves: --guest-comm and --rmp do nothing");
        }

        if (Extras?.Conversions is not null) session.Remark($"{trace.Name}: says itself what guests convert: --convert does nothing");
    }

    internal override void RemarkOn(Session session, ReplayResult any)
    {
        if (any.Counts.Refused == 0) return;
        session.Remark(string.Create(
            CultureInfo.InvariantCulture,
            $"{trace.Name}: {any.Counts.Refused} instructions that succeeded fail here, the first in line {any.Counts.FirstRefusedLine}: the trace began with pages assigned, or was made by another processor"));
    }

    internal override StudyResult Replay(
        MapVariant[] policies, StudyCosts costs, Action<long>? progress, bool isRecorded, CancellationToken cancellation) =>
        TraceStudy.Run(Plan, policies, costs, progress, isRecorded, Extras, cancellation);

    internal override string ToJson(StudyResult study, bool showsOptimum) =>
        JsonSerializer.Serialize(RmpReplayReport.From(trace, study, showsOptimum), ReplayJsonContext.Default.RmpReplayReport);

    /// <inheritdoc/>
    public override void Dispose()
    {
        trace.Store.Release();
        base.Dispose();
    }
}
