using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// Writers and readers of one table, a thread each, run until the writers are done or a reader has seen an impossible entry.
/// </summary>
internal sealed class StressRun
{
    private readonly StressedTable _stressed;

    public StressRun(StressedTable stressed, int readers, int seed)
    {
        _stressed = stressed;
        Writers = [.. Enumerable.Range(0, stressed.Writers).Select(number => new StressWriter(stressed, number, seed))];
        Readers = [.. Enumerable.Range(0, readers).Select(number => new StressReader(stressed, seed + number))];
    }

    public IReadOnlyList<StressWriter> Writers { get; }

    public IReadOnlyList<StressReader> Readers { get; }

    /// <summary>The first impossible entry that a reader has seen, or null.</summary>
    public string? Complaint =>
        Readers.Select(static reader => reader.Complaint)
            .Concat(Writers.Select(static writer => writer.Complaint))
            .FirstOrDefault(static text => text is not null);

    /// <summary>Runs all of them to the end.</summary>
    /// <param name="steps">Of each writer.</param>
    public void Run(int steps)
    {
        List<Thread> writers = [.. Writers.Select(writer => new Thread(() => writer.Run(steps)))];
        List<Thread> readers = [.. Readers.Select(static reader => new Thread(reader.Run))];
        foreach (Thread thread in writers.Concat(readers)) thread.Start();
        foreach (Thread thread in writers) thread.Join();
        _stressed.IsOver = true;
        foreach (Thread thread in readers) thread.Join();
    }
}
