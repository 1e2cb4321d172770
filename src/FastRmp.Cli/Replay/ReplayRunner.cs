using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary><c>fastrmp replay</c>: reads once, replays under each policy, prints.</summary>
internal static class ReplayRunner
{
    private const string StandardInput = "-";

    internal static int Run(Session session, ReplayRequest request)
    {
        IomemListing? listing = OpenListing(session, request);
        Stopwatch watch = Stopwatch.StartNew();
        using PageTrace trace = ReadTrace(session, request);
        session.Detail($"{trace.LineCount} lines read in {watch.ElapsedMilliseconds} ms");
        session.Report(trace.Problems);
        if (trace.LostNotes != 0) session.Remark($"{trace.Name}: the kernel lost events ({Lost(trace)}): pages may go stale");
        if (trace.EventCount == 0) return ExitCode.BadInput;

        ReplayPlan plan = listing is null
            ? ReplayPlan.Create(trace, request.Options)
            : ReplayPlan.Create(trace, listing.SystemRam, request.Options);
        RemarkOnEvents(session, trace);
        if (plan.Guests == 0)
        {
            session.Remark($"{trace.Name}: no task that matches '{request.Options.GuestPattern}' allocates guest memory (--guest-comm)");
        }

        watch.Restart();
        ReplayResult[] results = ReplayAll(session, request, plan);
        session.Detail($"{results.Length} replays took {watch.ElapsedMilliseconds} ms");
        Print(session, request, plan, results);
        return trace.Problems.Any ? ExitCode.BadInput : ExitCode.Done;
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

    private static PageTrace ReadTrace(Session session, ReplayRequest request)
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
            return ProgressBar.Run(session, "reading", length, progress => PageTrace.Read(inputs, done =>
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

    // What the numbers do not say by themselves.
    private static void RemarkOnEvents(Session session, PageTrace trace)
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

    private static string Lost(PageTrace trace) =>
        trace.LostEvents == 0 ? $"{trace.LostNotes} notes without a number" : $"{trace.LostEvents} as far as it knows";

    private static ReplayResult[] ReplayAll(Session session, ReplayRequest request, ReplayPlan plan)
    {
        ReplayResult[] results = new ReplayResult[request.Policies.Count];
        long total = plan.Trace.EventCount * results.Length;
        return ProgressBar.Run(session, "replaying", total, progress =>
        {
            Work(request, plan, results, progress, session.Cancellation);
            return results;
        });
    }

    // Each replay has a host of its own, so that policies share nothing but the plan. As many at a time as there are processors.
    private static void Work(
        ReplayRequest request, ReplayPlan plan, ReplayResult[] results, Action<long>? progress, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long[] done = new long[results.Length];
        int next = -1;
        Task[] workers = new Task[Math.Min(Environment.ProcessorCount, results.Length)];
        for (int worker = 0; worker < workers.Length; worker++)
        {
            workers[worker] = Task.Factory.StartNew(TakePolicies, stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        try
        {
            Task.WaitAll(workers, CancellationToken.None);
        }
        catch (AggregateException failures)
        {
            cancellation.ThrowIfCancellationRequested();
            Exception first = failures.Flatten().InnerExceptions[0];
            foreach (Exception failure in failures.Flatten().InnerExceptions)
            {
                if (failure is not OperationCanceledException) first = failure;
            }

            ExceptionDispatchInfo.Throw(first);
        }

        void TakePolicies()
        {
            try
            {
                int index;
                while ((index = Interlocked.Increment(ref next)) < results.Length)
                {
                    int policy = index;
                    results[policy] = TraceReplay.Run(request.Policies[policy], plan, events => Advance(policy, events), stop.Token);
                }
            }
            catch
            {
                stop.Cancel(); // one failure ends the others
                throw;
            }
        }

        void Advance(int index, long events)
        {
            if (progress is null) return;
            Volatile.Write(ref done[index], events);
            long sum = 0;
            for (int policy = 0; policy < done.Length; policy++)
            {
                sum += Volatile.Read(ref done[policy]);
            }

            progress(sum);
        }
    }

    private static void Print(Session session, ReplayRequest request, ReplayPlan plan, ReplayResult[] results)
    {
        if (request.IsJson)
        {
            session.Output.WriteLine(
                JsonSerializer.Serialize(ReplayReport.From(plan.Trace, results), ReplayJsonContext.Default.ReplayReport));
        }
        else
        {
            ReplayTable.Print(session, plan, results);
        }
    }
}
