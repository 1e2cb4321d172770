using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>A trace of Linux's page allocator.</summary>
internal sealed class PageReplayInput(PageTrace trace) : ReplayInput
{
    private ReplayPlan? _plan;

    internal override string Name => trace.Name;

    internal override long EventCount => trace.EventCount;

    internal override long LineCount => trace.LineCount;

    internal override InputProblems Problems => trace.Problems;

    internal override int Guests => Plan.Guests;

    internal override IReadOnlyList<string> GuestNames => Plan.GuestNames;

    internal override ulong RamBytes => Plan.RamBytes;

    internal override string Summary => $"{trace.Name}: {EventSummary.Counts(trace)}";

    internal override IEnumerable<string> Notes
    {
        get
        {
            string passed = EventSummary.Passed(trace);
            if (passed.Length != 0) yield return $"skipped, as they neither allocate nor release a page: {passed}";
        }
    }

    private ReplayPlan Plan => _plan ?? throw new InvalidOperationException("The replay is not prepared.");

    internal override void Prepare(IomemListing? listing, ReplayOptions options) =>
        _plan = listing is null ? ReplayPlan.Create(trace, options) : ReplayPlan.Create(trace, listing.SystemRam, options);

    internal override void Remark(Session session, ReplayOptions options)
    {
        if (trace.LostNotes != 0) session.Remark($"{trace.Name}: the kernel lost events ({Lost()}): pages may go stale");
        if (trace.EventCount == 0) return;
        RemarkOnEvents(session);
        if (Plan.Guests != 0) return;
        session.Remark($"{trace.Name}: no task that matches '{options.GuestPattern}' allocates guest memory (--guest-comm)");
    }

    internal override StudyResult Replay(
        MapVariant[] policies, StudyCosts costs, Action<long>? progress, bool isRecorded, CancellationToken cancellation) =>
        TraceStudy.Run(Plan, policies, costs, progress, isRecorded, Extras, cancellation);

    internal override string ToJson(StudyResult study, bool showsOptimum) =>
        JsonSerializer.Serialize(ReplayReport.From(trace, study, showsOptimum), ReplayJsonContext.Default.ReplayReport);

    public override void Dispose()
    {
        trace.Dispose();
        base.Dispose();
    }

    private void RemarkOnEvents(Session session)
    {
        if (trace.WithoutTaskCount != 0)
        {
            session.Remark(
                $"{trace.Name}: {trace.WithoutTaskCount} events name no task (function_graph names it with the option funcgraph-proc): their task is the one last switched to on their processor, else '<...>'");
        }

        if (trace.ReleaseCount != 0 || trace.Problems.Any) return; // a line that does not parse may have been one
        string others = string.Empty;
        foreach (PageEventCount one in trace.OtherEventNames)
        {
            others += $"{(others.Length == 0 ? "; it has, and they are not read: " : ", ")}{one.Count} {one.Name}";
        }

        session.Remark(
            $"{trace.Name}: the trace has allocations and no release (mm_page_free, or mm_page_free_direct before Linux 3.3): every page stays with its owner until it is allocated again{others}");
    }

    private string Lost() =>
        trace.LostEvents == 0 ? $"{trace.LostNotes} notes without a number" : $"{trace.LostEvents} as far as it knows";
}
