using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.ExceptionServices;
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
        using ReplayInput input = ReadTrace(session, request);
        session.Detail($"{input.LineCount} lines read in {watch.ElapsedMilliseconds} ms");
        session.Report(input.Problems);
        if (input.EventCount != 0) input.Prepare(listing, request.Options);
        input.Remark(session, request.Options);
        if (input.EventCount == 0) return ExitCode.BadInput;

        watch.Restart();
        ReplayResult[] results = ReplayAll(session, request, input);
        session.Detail($"{results.Length} replays took {watch.ElapsedMilliseconds} ms");
        input.RemarkOn(session, results[0]);
        if (request.IsJson) session.Output.WriteLine(input.ToJson(results));
        else ReplayTable.Print(session, input, results);
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

    private static ReplayResult[] ReplayAll(Session session, ReplayRequest request, ReplayInput input)
    {
        ReplayResult[] results = new ReplayResult[request.Policies.Count];
        long total = input.EventCount * results.Length;
        return ProgressBar.Run(session, "replaying", total, progress =>
        {
            Work(request, input, results, progress, session.Cancellation);
            return results;
        });
    }

    // Each replay has a host of its own, so that policies share nothing but the trace. As many at a time as there are processors.
    private static void Work(
        ReplayRequest request, ReplayInput input, ReplayResult[] results, Action<long>? progress, CancellationToken cancellation)
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
                    results[policy] = input.Replay(request.Policies[policy], events => Advance(policy, events), stop.Token);
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
}
