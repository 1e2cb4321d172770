using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE of one 4 KiB page: assign and release. One operation is the pair; pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpUpdate4K
{
    private const int Pairs = 1024;
    private const ulong CoveredBytes = 0x80_0000UL;

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        _rmp.SetOperands(PageSize.Size4K);
        _pages = new RandomAddresses(Pairs, 0, (int)(CoveredBytes >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 17);
        _rmp.RequireSameEffect(
            () => ManagedPairs.Run(_rmp.Table, _rmp.Assign, _rmp.Assign, _pages.Pointer, Pairs),
            () => NativeBaselines.RmpUpdateAtomic(_rmp.NativeTable, _rmp.NativeProcessor, _pages.Pointer, _rmp.Assign, _rmp.Assign, Pairs));
        Agreement.Require(FastRmp(), CAtomics());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _rmp!.RequireEmpty();
        _pages!.Dispose();
        _rmp.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong FastRmp() => ManagedPairs.Run(_rmp!, _pages!.Pointer, Pairs);

    /// <summary>The same protocol in C11 atomics.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public ulong CAtomics() =>
        NativeBaselines.RmpUpdateAtomic(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Assign, _rmp.Release, Pairs);

    /// <summary>For one thread only: what the protocol costs.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong CPlain() =>
        NativeBaselines.RmpUpdatePlain(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Assign, _rmp.Release, Pairs);
}
