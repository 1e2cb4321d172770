using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Threads that start one program each at the same moment, again and again, over one table.</summary>
internal sealed class ConcurrentRunner : IDisposable
{
    private const int SpinsBeforeYield = 100_000;

    private readonly PinnedMemory _storage;
    private readonly ModelChoices _choices;
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly List<Thread> _threads = [];
    private readonly Call[][] _calls;
    private long _clock;
    private int _toCome;
    private RmpOptCore[] _cores = [];
    private volatile bool _over;

    public ConcurrentRunner(int threads, ModelChoices choices)
    {
        _choices = choices;
        _storage = PinnedMemory.Allocate((Rules.Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        Table = MakeTable();
        _start = new Barrier(threads + 1);
        _end = new Barrier(threads + 1);
        _calls = new Call[threads][];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            Thread thread = new(() => Work(number)) { IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>The table of the last run.</summary>
    public ReverseMapTable<ContiguousGeometry> Table { get; private set; }

    /// <summary>Runs a program on each thread, from an empty table on which only the prefix was executed.</summary>
    public List<Call> Run(IReadOnlyList<Step> prefix, IReadOnlyList<List<Step>> programs)
    {
        _storage.Span(0, (int)_storage.Length).Clear();
        Table.Dispose();
        Table = MakeTable(); // marks and optimizations stand beside the storage
        _cores = Rules.MakeCores();
        foreach (Step step in prefix)
        {
            step.Execute(Table, _cores);
        }

        for (int i = 0; i < programs.Count; i++)
        {
            int thread = i;
            _calls[i] = programs[i].ConvertAll(step => new Call(thread, step)).ToArray();
        }

        _toCome = programs.Count;
        _start.SignalAndWait();
        _end.SignalAndWait();
        List<Call> calls = [];
        foreach (Call[] own in _calls)
        {
            calls.AddRange(own);
        }

        return calls;
    }

    public void Dispose()
    {
        _over = true;
        _start.SignalAndWait();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _start.Dispose();
        _end.Dispose();
        Table.Dispose();
        _storage.Dispose();
    }

    private ReverseMapTable<ContiguousGeometry> MakeTable() => new(Rules.Geometry, _storage, Rules.Processor, _choices);

    private void Work(int number)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_over) return;

            // The barrier wakes threads microseconds apart, which is longer than a program takes: they wait for each other once more,
            // running.
            Interlocked.Decrement(ref _toCome);
            for (int i = 0; Volatile.Read(ref _toCome) > 0; i++)
            {
                if (i > SpinsBeforeYield) Thread.Yield();
            }

            foreach (Call call in _calls[number])
            {
                call.Start = Interlocked.Increment(ref _clock);
                call.Outcome = call.Step.Execute(Table, _cores);
                call.End = Interlocked.Increment(ref _clock);
            }

            _end.SignalAndWait();
        }
    }
}
