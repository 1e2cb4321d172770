using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>A trace, read by the first replay that needs it, shared by the others, and closed after the last.</summary>
internal sealed class SweepInput(Session session, SweepTask first, int uses)
{
    private readonly Lock _lock = new();
    private ReplayInput? _input;
    private IReadOnlyList<SweepFile> _files = [];
    private Exception? _failure;
    private int _uses = uses;

    /// <summary>Replays under the policies of a plan.</summary>
    /// <returns>The row; null if the trace cannot be replayed, which is told once.</returns>
    internal SweepRow? Replay(SweepPlan plan, SweepTask task, CancellationToken cancellation)
    {
        try
        {
            if (Open() is not { } input) return null;
            StudyResult study = input.Replay(plan.Policies, task.Costs, null, false, cancellation);
            return new SweepRow(
                task.Index, plan.Tasks.Count, task.Trace.Name, _files, task.Options.GuestPattern, task.Sizes, task.Convert, task.Seed,
                input.Problems.Count, input.RamBytes, input.Guests, study.OwnedPeak, CostsReport.From(task.Costs),
                PolicyReport.All(study, plan.ShowsOptimum));
        }
        finally
        {
            Release();
        }
    }

    /// <summary>A replay that will not be done needs it no longer.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0) _input?.Dispose();
    }

    private ReplayInput? Open()
    {
        lock (_lock)
        {
            if (_input is not null || _failure is not null) return _input;
            ReplayInput? read = null;
            try
            {
                ReplayFiles files = new(session, areHashed: true);
                IomemListing? listing = null;
                if (first.Trace.Generate is { } made)
                {
                    read = new GeneratedReplayInput(GeneratorModel.Parse(made, first.Seed, out _)!);
                }
                else
                {
                    listing = files.ReadListing(first.Trace.Files, first.Trace.Iomem);
                    read = files.ReadTrace(first.Trace.Files, static (_, work) => work(null));
                }

                ConversionModel? conversions = first.Convert is { } convert ? ConversionModel.Parse(convert, first.Seed, out _) : null;
                read.Extras = new StudyExtras(null, conversions);
                session.Report(read.Problems);
                if (read.EventCount == 0) throw new MalformedInputException($"{first.Trace.Name}: there is no event to replay");
                read.Prepare(listing, first.Options);
                read.Remark(session, first.Options);
                IReadOnlyDictionary<string, string> written = first.Trace.Written;
                _files = [.. files.Hashes.Select(one => new SweepFile(written.GetValueOrDefault(one.Name, one.Name), one.Sha256))];
                return _input = read;
            }
            catch (Exception failure) when (failure is MalformedInputException or IOException or UnauthorizedAccessException)
            {
                read?.Dispose();
                _failure = failure;
                session.Error(failure.Message);
                return null;
            }
        }
    }
}
