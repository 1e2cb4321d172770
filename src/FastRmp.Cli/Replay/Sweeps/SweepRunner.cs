using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Cli.Report;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary><c>fastrmp replay --sweep</c>: replays what has no row yet, several at the same time, and draws the rows.</summary>
internal static class SweepRunner
{
    internal static int Run(Session session, SweepRequest request)
    {
        SweepPlan plan = SweepPlanReader.Read(request.Plan);
        if (request.Task is { } only && only >= plan.Tasks.Count)
        {
            session.Error($"--task: is 0 to {plan.Tasks.Count - 1} in {request.Plan}, not {only}");
            return ExitCode.Usage;
        }

        if (request.IsListed) return List(session, plan);
        using ReportFile? report = request.Report is null ? null : new ReportFile(request.Report);
        using SweepRows rows = new(session, plan, request.Rows);
        SweepTask[] pending = [.. plan.Tasks.Where(task => (request.Task ?? task.Index) == task.Index && !rows.Has(task.Index))];
        if (rows.Count != 0)
        {
            session.Remark(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Rows}: {rows.Count} of {plan.Tasks.Count} rows are there, {pending.Length} to do"));
        }

        bool isWhole = ReplayAll(session, plan, request.Jobs, pending, rows);
        if (report is not null) report.Write(SweepPage.Write(Subject(request, plan, rows), rows.Replays));
        return isWhole && !rows.HasProblems ? ExitCode.Done : ExitCode.BadInput;
    }

    private static int List(Session session, SweepPlan plan)
    {
        foreach (SweepTask task in plan.Tasks)
        {
            SweepListed listed = SweepListed.From(task, plan.Tasks.Count);
            session.Output.WriteLine(JsonSerializer.Serialize(listed, SweepJsonContext.Default.SweepListed));
        }

        return ExitCode.Done;
    }

    private static bool ReplayAll(Session session, SweepPlan plan, int jobs, SweepTask[] pending, SweepRows rows)
    {
        if (pending.Length == 0) return true;
        SweepInput[] inputs = Share(session, pending);
        int done = 0;
        int missing = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = jobs, CancellationToken = session.Cancellation };

        // In order, one at a time to each worker: then at most as many traces are open as there are workers, and one more.
        OrderablePartitioner<int> order = Partitioner.Create(Enumerable.Range(0, pending.Length), EnumerablePartitionerOptions.NoBuffering);
        try
        {
            ProgressBar.Run(session, "sweeping", pending.Length, progress => Parallel.ForEach(order, options, index =>
            {
                SweepRow? row = inputs[index].Replay(plan, pending[index], session.Cancellation);
                if (row is null) Interlocked.Increment(ref missing);
                else rows.Add(row);
                progress?.Invoke(Interlocked.Increment(ref done));
            }));
        }
        catch (AggregateException several)
        {
            Exception first = several.Flatten().InnerExceptions.FirstOrDefault(static one => one is not OperationCanceledException)
                ?? new OperationCanceledException(session.Cancellation);
            ExceptionDispatchInfo.Throw(first);
        }

        if (missing == 0) return true;
        session.Error(string.Create(CultureInfo.InvariantCulture, $"{missing} of {plan.Tasks.Count} replays have no row"));
        return false;
    }

    // Neighbours that read the same share it.
    private static SweepInput[] Share(Session session, SweepTask[] pending)
    {
        SweepInput[] inputs = new SweepInput[pending.Length];
        for (int start = 0, end; start < pending.Length; start = end)
        {
            for (end = start + 1; end < pending.Length && pending[end].SharesInput(pending[start]); end++)
            {
                // one more that shares it
            }

            Array.Fill(inputs, new SweepInput(session, pending[start], end - start), start, end - start);
        }

        return inputs;
    }

    private static SweepSubject Subject(SweepRequest request, SweepPlan plan, SweepRows rows)
    {
        List<(string Name, string Sha256)> files = [];
        foreach (((string trace, string input), string hash) in rows.Hashes.OrderBy(static one => one.Key))
        {
            files.Add((trace == input ? input : $"{trace}: {input}", hash));
        }

        return new SweepSubject(plan.Tasks.Count, files, RepeatCommand.Sweep(request.Plan), VersionAction.Version);
    }
}
