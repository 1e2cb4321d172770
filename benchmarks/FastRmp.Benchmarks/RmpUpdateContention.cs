using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>
/// RMPUPDATE 4K, assign and release, by two threads at once in the same 64 regions: each has every other page and an ASID of its own, so
/// that they meet at the counts alone. One operation is a pair of one thread; both run at the same time.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpUpdateContention
{
    private const int Pairs = 4096;
    private const ulong CoveredBytes = 0x800_0000UL;
    private const int Managed = 0;
    private const int Native = 1;

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;
    private SecondThread? _second;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        _rmp.SetOperands(PageSize.Size4K);
        SecondAssign[0] = *_rmp.Assign with { Asid = 9 }; // another cache line's counter
        int slots = (int)(CoveredBytes >> PageSize.Size4K.Shift()) / 4;
        _pages = new RandomAddresses(2 * Pairs, PageSize.Size4K.Bytes(), slots, 4 * PageSize.Size4K.Bytes(), seed: 61); // no base pages
        for (int i = Pairs; i < 2 * Pairs; i++)
        {
            _pages.Pointer[i] += PageSize.Size4K.Bytes();
        }

        _second = new SecondThread(Half);
        _rmp.RequireSameEffect(
            () => ManagedPairs.Run(_rmp.Table, _rmp.Assign, _rmp.Assign, _pages.Pointer, 2 * Pairs),
            () =>
                NativeBaselines.RmpUpdateAtomic(
                    _rmp.NativeTable, _rmp.NativeProcessor, _pages.Pointer, _rmp.Assign, _rmp.Assign, 2 * Pairs));
        Agreement.Require(FastRmp(), CAtomics());
    }

    private RmpUpdateOperand* SecondAssign => (RmpUpdateOperand*)_rmp!.Spare;

    [GlobalCleanup]
    public void Cleanup()
    {
        _second!.Dispose();
        _rmp!.RequireEmpty();
        _pages!.Dispose();
        _rmp.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong FastRmp()
    {
        _second!.Begin(Managed);
        return ManagedPairs.Run(_rmp!.Table, _rmp.Assign, _rmp.Release, _pages!.Pointer, Pairs) + _second.End();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public ulong CAtomics()
    {
        _second!.Begin(Native);
        return NativeBaselines.RmpUpdateAtomic(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Assign, _rmp.Release, Pairs)
            + _second.End();
    }

    /// <summary>The second thread's pairs.</summary>
    private ulong Half(int side) => side == Managed
        ? ManagedPairs.Run(_rmp!.Table, SecondAssign, _rmp.Release, _pages!.Pointer + Pairs, Pairs)
        : NativeBaselines.RmpUpdateAtomic(
            _rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer + Pairs, SecondAssign, _rmp.Release, Pairs);
}
