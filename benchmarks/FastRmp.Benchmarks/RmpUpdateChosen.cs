using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE of one 4 KiB page, assign and release, on a table whose geometry was chosen at run time, beside the typed
/// one.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpUpdateChosen
{
    private const int Pairs = 1024;
    private const ulong CoveredBytes = 0x80_0000UL;

    private RmpWorkload<RmpGeometry>? _chosen;
    private RmpWorkload<ContiguousGeometry>? _contiguous;
    private RmpWorkload<SegmentedGeometry>? _segmented;
    private RandomAddresses? _pages;

    /// <summary>Which kind was chosen.</summary>
    [Params(false, true)]
    public bool Segmented { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(default, CoveredBytes);
        _contiguous = Machines.Genoa(CoveredBytes);
        _segmented = Machines.Segmented(ProcessorModel.Turin);
        _chosen = Segmented
            ? Machines.Segmented(ProcessorModel.Turin, static segmented => new RmpGeometry(segmented))
            : new RmpWorkload<RmpGeometry>(new RmpGeometry(geometry), ProcessorModel.Genoa);
        int slots = Segmented ? (int)PageSize.Size2M.Pages() : (int)(CoveredBytes >> PageSize.Size4K.Shift());
        _pages = new RandomAddresses(Pairs, 0, slots, PageSize.Size4K.Bytes(), seed: 17);
        for (int i = 0; Segmented && i < Pairs; i++)
        {
            _pages.Pointer[i] += (ulong)(i % Machines.Segments) << Machines.SegmentShift;
        }

        _contiguous.SetOperands(PageSize.Size4K);
        _segmented.SetOperands(PageSize.Size4K);
        _chosen.SetOperands(PageSize.Size4K);
        Agreement.Require(FastRmp(), CAtomics());
        Agreement.Require(FastRmp(), Typed());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _chosen!.RequireEmpty();
        _pages!.Dispose();
        _chosen.Dispose();
        _contiguous!.Dispose();
        _segmented!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong FastRmp() => ManagedPairs.Run(_chosen!, _pages!.Pointer, Pairs);

    /// <summary>The library with the geometry as a type argument.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong Typed() =>
        Segmented ? ManagedPairs.Run(_segmented!, _pages!.Pointer, Pairs) : ManagedPairs.Run(_contiguous!, _pages!.Pointer, Pairs);

    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public ulong CAtomics() => Segmented
        ? NativeBaselines.RmpUpdateSegmented(
            _chosen!.NativeTable, _chosen.NativeProcessor, _pages!.Pointer, _chosen.Assign, _chosen.Release, Pairs)
        : NativeBaselines.RmpUpdateAtomic(
            _chosen!.NativeTable, _chosen.NativeProcessor, _pages!.Pointer, _chosen.Assign, _chosen.Release, Pairs);
}
