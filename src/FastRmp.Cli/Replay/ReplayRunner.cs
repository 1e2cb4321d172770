using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary><c>fastrmp replay</c>: reads once, replays under all policies in one pass, prints.</summary>
internal static class ReplayRunner
{
    private const string StandardInput = "-";

    internal static int Run(Session session, ReplayRequest request)
    {
        IomemListing? listing = OpenListing(session, request);
        Stopwatch watch = Stopwatch.StartNew();
        using ReplayInput input = ReadTrace(session, request);
        session.Detail($"{input.LineCount} lines read in {watch.ElapsedMilliseconds} ms");
        session.Report(input.Problems);
        if (input.EventCount != 0) input.Prepare(listing, request.Options);
        input.Remark(session, request.Options);
        if (input.EventCount == 0) return ExitCode.BadInput;

        watch.Restart();
        StudyResult study = ReplayAll(session, request, input);
        session.Detail($"{study.Rows.Count} policies took {watch.ElapsedMilliseconds} ms");
        input.RemarkOn(session, study.Rows[0].Counts);
        if (request.IsJson) session.Output.WriteLine(input.ToJson(study, request.ShowsOptimum));
        else ReplayTable.Print(session, input, study, request.ShowsOptimum);
        return input.Problems.Any ? ExitCode.BadInput : ExitCode.Done;
    }

    private static IomemListing? OpenListing(Session session, ReplayRequest request)
    {
        if (request.Traces.Count == 0)
        {
            using Stream sample = Sample.OpenIomem();
            return IomemListing.Read(sample, Sample.IomemName);
        }

        if (request.Iomem is null) return null;
        if (request.Iomem != StandardInput) return IomemListing.Open(request.Iomem);
        using Stream input = session.OpenInput();
        return IomemListing.Read(input, StandardInput);
    }

    private static ReplayInput ReadTrace(Session session, ReplayRequest request)
    {
        List<InputStream> inputs = [];
        try
        {
            long? length = 0;
            foreach (string path in request.Traces)
            {
                inputs.Add(path == StandardInput ? new InputStream(session.OpenInput(), StandardInput) : InputStream.Open(path));
                length += inputs[^1].FileLength;
            }

            if (inputs.Count == 0) inputs.Add(new InputStream(Sample.OpenTrace(), Sample.TraceName));
            return ProgressBar.Run(session, "reading", length, progress => ReplayInput.Read(inputs, done =>
            {
                session.Cancellation.ThrowIfCancellationRequested();
                progress?.Invoke(done);
            }));
        }
        finally
        {
            inputs.ForEach(static input => input.Dispose());
        }
    }

    private static StudyResult ReplayAll(Session session, ReplayRequest request, ReplayInput input) => ProgressBar.Run(
        session, "replaying", input.EventCount,
        progress => input.Replay([.. request.Policies], request.Costs, progress, session.Cancellation));
}
