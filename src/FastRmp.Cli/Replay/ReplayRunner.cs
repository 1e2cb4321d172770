using System.Diagnostics;
using FastRmp.Cli.Report;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary><c>fastrmp replay</c>: reads once, replays under all policies in one pass, prints.</summary>
internal static class ReplayRunner
{
    internal static int Run(Session session, ReplayRequest request)
    {
        ReplayFiles files = new(session, areHashed: request.Report is not null);
        IomemListing? listing = request.Generator is null ? files.ReadListing(request.Traces, request.Iomem) : null;
        Stopwatch watch = Stopwatch.StartNew();
        using ReplayInput input = request.Generator is { } model
            ? new GeneratedReplayInput(model)
            : files.ReadTrace(request.Traces, (length, read) => ProgressBar.Run(session, "reading", length, read));
        session.Detail($"{input.LineCount} lines read in {watch.ElapsedMilliseconds} ms");
        session.Report(input.Problems);
        if (input.EventCount != 0) input.Prepare(listing, request.Options);
        input.Extras = new StudyExtras(null, request.Conversions);
        input.Remark(session, request.Options);
        if (input.EventCount == 0) return ExitCode.BadInput;

        using ReportFile? report = request.Report is null ? null : new ReportFile(request.Report);
        using RmpTraceWriter? record = request.Record is null ? null : RmpTraceWriter.Create(request.Record);
        input.Extras = input.Extras with { Record = record };
        watch.Restart();
        StudyResult study = ReplayAll(session, request, input);
        record?.Finish();
        session.Detail($"{study.Rows.Count} policies took {watch.ElapsedMilliseconds} ms");
        input.RemarkOn(session, study.Rows[0].Counts);
        if (request.IsJson) session.Output.WriteLine(input.ToJson(study, request.ShowsOptimum));
        else ReplayTable.Print(session, input, study, request.ShowsOptimum);
        report?.Write(ReportPage.Write(Subject(request, input, files), study, request.ShowsOptimum));
        return input.Problems.Any ? ExitCode.BadInput : ExitCode.Done;
    }

    private static ReportSubject Subject(ReplayRequest request, ReplayInput input, ReplayFiles files) => new(
        input.Name, input.Summary, [.. input.Notes], input.Guests, input.GuestNames, input.RamBytes, files.Hashes,
        RepeatCommand.Line(request), RepeatCommand.Options(request), VersionAction.Version);

    private static StudyResult ReplayAll(Session session, ReplayRequest request, ReplayInput input) => ProgressBar.Run(
        session, "replaying", input.EventCount,
        progress => input.Replay([.. request.Policies], request.Costs, progress, request.Report is not null, session.Cancellation));
}
