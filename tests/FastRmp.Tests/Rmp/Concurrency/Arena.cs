using System;
using System.Collections.Generic;
using System.Threading;
using FastRmp.Addressing;
using FastRmp.Memory;
using FastRmp.Model;
using FastRmp.Rmp;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Threads that start one program each at the same moment, again and again, over one table.</summary>
internal sealed class Arena : IDisposable
{
    private const int SpinsBeforeYield = 100_000;

    private readonly PinnedMemory _storage;
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly List<Thread> _threads = [];
    private readonly Call[][] _calls;
    private long _clock;
    private int _toCome;
    private volatile bool _over;

    public Arena(int threads, ModelChoices choices)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), ModelPair.RegionBytes);
        _storage = PinnedMemory.Allocate((geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, _storage, ProcessorModel.Genoa, choices);
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

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    /// <summary>Runs a program on each thread, from an empty table on which only the prefix was executed.</summary>
    public List<Call> Run(IReadOnlyList<Step> prefix, IReadOnlyList<List<Step>> programs)
    {
        _storage.Span(0, (int)_storage.Length).Clear();
        foreach (Step step in prefix)
        {
            step.Execute(Table);
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

    private void Work(int number)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_over) return;

            // The barrier wakes threads microseconds apart, which is longer than a program takes: meet once more, awake.
            Interlocked.Decrement(ref _toCome);
            for (int i = 0; Volatile.Read(ref _toCome) > 0; i++)
            {
                if (i > SpinsBeforeYield) Thread.Yield();
            }

            foreach (Call call in _calls[number])
            {
                call.Start = Interlocked.Increment(ref _clock);
                call.Outcome = call.Step.Execute(Table);
                call.End = Interlocked.Increment(ref _clock);
            }

            _end.SignalAndWait();
        }
    }
}
