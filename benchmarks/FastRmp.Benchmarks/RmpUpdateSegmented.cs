using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE of one 4 KiB page, assign and release, on a segmented RMP: pages in random order, in all of its segments.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpUpdateSegmented
{
    private const int Pairs = 1024;

    private RmpWorkload<SegmentedGeometry>? _rmp;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Segmented(ProcessorModel.Turin);
        _rmp.SetOperands(PageSize.Size4K);
        _pages = new RandomAddresses(Pairs, 0, (int)PageSize.Size2M.Pages(), PageSize.Size4K.Bytes(), seed: 17);
        for (int i = 0; i < Pairs; i++)
        {
            // As many entries as the contiguous benchmark's: a region of each segment.
            _pages.Pointer[i] += (ulong)(i % Machines.Segments) << Machines.SegmentShift;
        }

        _rmp.RequireSameEffect(
            () => ManagedPairs.Run(_rmp.Table, _rmp.Assign, _rmp.Assign, _pages.Pointer, Pairs),
            () =>
                NativeBaselines.RmpUpdateSegmented(
                    _rmp.NativeTable, _rmp.NativeProcessor, _pages.Pointer, _rmp.Assign, _rmp.Assign, Pairs));
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

    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public ulong CAtomics() =>
        NativeBaselines.RmpUpdateSegmented(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Assign, _rmp.Release, Pairs);
}
