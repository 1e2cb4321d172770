using System;
using System.Diagnostics;
using System.Threading;
using FastRmp.Benchmarks.Native;
using FastRmp.Benchmarks.Scaling;

namespace FastRmp.Benchmarks.Data;

/// <summary>Threads that work on one RMP at the same time, the library's way or C's.</summary>
internal sealed unsafe class ScaleWorkload : IDisposable
{
    /// <summary>Reads after each pair of updates.</summary>
    private const int Reads = 16;

    /// <summary>Pairs between two looks at the clock; a power of two, for the reads.</summary>
    private const int Pairs = 512;

    private const int RegionsOfThread = 4;
    private const int Operands = 128; // bytes of a thread's two: lines of its own
    private const uint Asids = 1000;
    private const uint AsidsOfLine = 8;
    private const int PageBytes = 4096;
    private const int Waiting = 0;
    private const int Running = 1;
    private const int Stopping = 2;

    private readonly ScaleKind _kind;
    private readonly int _threads;
    private readonly RmpWorkload<ContiguousGeometry> _rmp;
    private readonly NativeBlock _operands;
    private readonly NativeBlock _pages;
    private readonly NativeBlock _others;
    private int _state;
    private int _ready;

    /// <summary>Makes the table, and the pages of each thread in random order.</summary>
    internal ScaleWorkload(ScaleKind kind, int threads)
    {
        _kind = kind;
        _threads = threads;
        _rmp = Machines.Turin((ulong)(threads * RegionsOfThread) << PageSize.Size2M.Shift());
        _operands = new NativeBlock((threads * Operands / PageBytes) + 1);
        _pages = new NativeBlock((threads * Pairs * sizeof(ulong) / PageBytes) + 1);
        _others = new NativeBlock((Pairs * sizeof(ulong) / PageBytes) + 1);
        Random random = new(83);
        for (int thread = 0; thread < threads; thread++)
        {
            *Assign(thread) = new RmpUpdateOperand { Assigned = true, Asid = AsidOf(thread), Gpa = 0x4000_0000UL };
            *Release(thread) = default;
            for (int i = 0; i < Pairs; i++)
            {
                PagesOf(thread)[i] = Draw(random, thread);
            }
        }

        for (int i = 0; i < Pairs; i++)
        {
            ((ulong*)_others.Pointer)[i] = Draw(random, random.Next(threads));
        }

        Agreement.Require(Managed(0), Native(0));
    }

    /// <summary>Lets the threads work.</summary>
    /// <param name="isNative">C's way.</param>
    /// <param name="duration">How long.</param>
    /// <exception cref="InvalidOperationException">An instruction failed, or the table is not empty afterwards.</exception>
    internal ScaleFigures Run(bool isNative, TimeSpan duration)
    {
        double[] rates = new double[_threads];
        ulong[] codes = new ulong[_threads];
        Thread[] threads = new Thread[_threads];
        _ready = 0;
        Volatile.Write(ref _state, Waiting);
        for (int i = 0; i < _threads; i++)
        {
            int thread = i;
            threads[i] = new Thread(() => (rates[thread], codes[thread]) = Work(thread, isNative)) { IsBackground = true };
            threads[i].Start();
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref _ready) == _threads);
        Volatile.Write(ref _state, Running);
        Thread.Sleep(duration);
        Volatile.Write(ref _state, Stopping);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (_kind.Reads == ScaleReads.None && codes.AsSpan().ContainsAnyExcept(0UL))
        {
            throw new InvalidOperationException($"An RMPUPDATE failed: {_kind.Title}, {_threads} threads.");
        }

        _rmp.RequireEmpty();
        return ScaleFigures.Of(rates);
    }

    public void Dispose()
    {
        _others.Dispose();
        _pages.Dispose();
        _operands.Dispose();
        _rmp.Dispose();
    }

    private RmpUpdateOperand* Assign(int thread) => (RmpUpdateOperand*)(_operands.Pointer + (thread * Operands));

    private RmpUpdateOperand* Release(int thread) => (RmpUpdateOperand*)(_operands.Pointer + (thread * Operands) + (Operands / 2));

    private ulong* PagesOf(int thread) => (ulong*)_pages.Pointer + (thread * Pairs);

    private ushort AsidOf(int thread)
    {
        uint number = (uint)thread;
        return (ushort)(1 + (_kind.AreAsidsAdjacent ? number : (AsidsOfLine * number % Asids) + (AsidsOfLine * number / Asids)));
    }

    /// <summary>A page that is not the first of its region.</summary>
    private ulong Draw(Random random, int thread)
    {
        const int Subpages = 511;
        int region = random.Next(RegionsOfThread);
        int page = random.Next(Subpages);
        int share = Math.Max(1, Subpages / _threads);
        (region, page) = _kind.Place switch
        {
            ScalePlace.Apart => ((thread * RegionsOfThread) + region, page),
            ScalePlace.Between => ((region * _threads) + thread, page),
            ScalePlace.Same => (region, ((random.Next(share) * _threads) + thread) % Subpages),
            _ => (region, page),
        };
        return ((ulong)region << PageSize.Size2M.Shift()) + ((ulong)(1 + page) << PageSize.Size4K.Shift());
    }

    private (double Rate, ulong Codes) Work(int thread, bool isNative)
    {
        SpinWait spin = default;
        Interlocked.Increment(ref _ready);
        while (Volatile.Read(ref _state) == Waiting)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        long started = Stopwatch.GetTimestamp();
        ulong codes = 0;
        long served = 0;
        do
        {
            codes += isNative ? Native(thread) : Managed(thread);
            served += Pairs;
        }
        while (Volatile.Read(ref _state) == Running);
        return (served / Stopwatch.GetElapsedTime(started).TotalSeconds, codes);
    }

    private ulong Native(int thread)
    {
        NativeRmpTable* table = _rmp.NativeTable;
        NativeProcessor* processor = _rmp.NativeProcessor;
        ulong* pages = PagesOf(thread);
        ulong* others = (ulong*)_others.Pointer;
        return _kind switch
        {
            { IsApart: true } => NativeBaselines.RmpUpdateAtomic(table, processor, pages, Assign(thread), Release(thread), Pairs),
            { Reads: ScaleReads.None } => NativeBaselines.ScaleRetried(table, processor, pages, Assign(thread), Release(thread), Pairs),
            { Reads: ScaleReads.Check } => NativeBaselines.ScaleChecks(
                table, processor, pages, Assign(thread), Release(thread), Pairs, others, Reads),
            _ => NativeBaselines.ScaleReads(table, processor, pages, Assign(thread), Release(thread), Pairs, others, Reads),
        };
    }

    private ulong Managed(int thread) => _kind switch
    {
        { IsApart: true } => ManagedPairs.Run(_rmp.Table, Assign(thread), Release(thread), PagesOf(thread), Pairs),
        { Reads: ScaleReads.None } => Retried(thread),
        { Reads: ScaleReads.Check } => Checks(thread),
        _ => RmpReads(thread),
    };

    private ulong Retried(int thread)
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp.Table;
        ulong* pages = PagesOf(thread);
        ulong codes = 0;
        for (int i = 0; i < Pairs; i++)
        {
            codes += Pair(table, pages[i], Assign(thread), Release(thread));
        }

        return codes;
    }

    private ulong Checks(int thread)
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp.Table;
        ulong* pages = PagesOf(thread);
        ulong* others = (ulong*)_others.Pointer;
        ulong sum = 0;
        for (int i = 0; i < Pairs; i++)
        {
            sum += Pair(table, pages[i], Assign(thread), Release(thread));
            for (int j = 0; j < Reads; j++)
            {
                PhysicalAddress other = PhysicalAddress.CreateUnchecked(others[((i * Reads) + j) & (Pairs - 1)]);
                sum += RmpCheck.Host(table, AccessKind.Write, other, (PageSize)(j & 1)).Value;
            }
        }

        return sum;
    }

    private ulong RmpReads(int thread)
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp.Table;
        ulong* pages = PagesOf(thread);
        ulong* others = (ulong*)_others.Pointer;
        ulong sum = 0;
        for (int i = 0; i < Pairs; i++)
        {
            sum += Pair(table, pages[i], Assign(thread), Release(thread));
            for (int j = 0; j < Reads; j++)
            {
                PhysicalAddress other = PhysicalAddress.CreateUnchecked(others[((i * Reads) + j) & (Pairs - 1)]);
                sum += (ulong)table.RmpRead(ExecutionState.Host, other, out RmpReadOutput output).Status;
                sum += output.Low + output.High;
            }
        }

        return sum;
    }

    private static ulong Pair(ReverseMapTable<ContiguousGeometry> table, ulong address, RmpUpdateOperand* assign, RmpUpdateOperand* release)
    {
        PhysicalAddress page = PhysicalAddress.CreateUnchecked(address);
        return (ulong)table.RmpUpdate(page, *assign, RetryRule.Any).Status + (ulong)table.RmpUpdate(page, *release, RetryRule.Any).Status;
    }
}
