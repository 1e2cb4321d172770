using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPOPT. Report: on regions that are verified. Verify: after an assign and release in the region, so that all of its 262,144
/// entries (4 MiB) have to be read.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpOpt
{
    private const int Executions = 64;
    private const int ChunkOffset = 8 * 4096; // behind the pointers: a chunk of stamps, one of verified stamps, a core
    private const int ChunkBytes = 4 * 4096;

    private readonly RmpOptCore _core = RmpOptCore.EnabledAt(default);
    private readonly NativeBlock _native = new(24);
    private RmpWorkload<SegmentedGeometry>? _rmp;
    private RandomAddresses? _pages;

    [Params(RmpOptFunction.VerifyAndReport, RmpOptFunction.Report)]
    public RmpOptFunction Function { get; set; }

    private NativeCore* NativeCore => (NativeCore*)(_native.Pointer + ChunkOffset + (2 * ChunkBytes));

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Segmented(ProcessorModel.Venice);
        _rmp.SetOperands(PageSize.Size4K);
        NativeOptimizations* optimizations = (NativeOptimizations*)_native.Pointer;
        optimizations->Stamps[0] = (ulong)(_native.Pointer + ChunkOffset);
        optimizations->Verified[0] = (ulong)(_native.Pointer + ChunkOffset + ChunkBytes);
        _rmp.NativeTable->Optimizations = optimizations;
        NativeCore->Base = _core.Start.Value;
        NativeCore->Enabled = 1;
        _pages = new RandomAddresses(Executions, PageSize.Size4K.Bytes(), Machines.Segments, PageSize.Size1G.Bytes(), seed: 41);
        AgreeOnAssignedPages();
        Verify();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _rmp!.RequireEmpty();
        _pages!.Dispose();
        _rmp.Dispose();
        _native.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Executions)]
    public ulong FastRmp() => Function == RmpOptFunction.Report ? Report() : Verify();

    [Benchmark(Baseline = true, OperationsPerInvoke = Executions)]
    public ulong C() => Function == RmpOptFunction.Report ? NativeReport() : NativeVerify();

    private ulong Report()
    {
        ReverseMapTable<SegmentedGeometry> table = _rmp!.Table;
        ExecutionState processor = ExecutionState.Host;
        RmpOptCore core = _core;
        ulong* pages = _pages!.Pointer;
        ulong sum = 0;
        for (int i = 0; i < Executions; i++)
        {
            sum += Digest(table.RmpOpt(processor, core, PhysicalAddress.CreateUnchecked(pages[i]), RmpOptFunction.Report));
        }

        return sum;
    }

    private ulong Verify()
    {
        ReverseMapTable<SegmentedGeometry> table = _rmp!.Table;
        ulong sum = 0;
        for (int i = 0; i < Executions; i++)
        {
            sum += ManagedPairs.Run(table, _rmp.Assign, _rmp.Release, _pages!.Pointer + i, 1);
            sum += Digest(
                table.RmpOpt(
                    ExecutionState.Host, _core, PhysicalAddress.CreateUnchecked(_pages.Pointer[i]), RmpOptFunction.VerifyAndReport));
        }

        return sum;
    }

    private ulong NativeReport() =>
        NativeBaselines.RmpOptReport(_rmp!.NativeTable, _rmp.NativeProcessor, NativeCore, _pages!.Pointer, Executions);

    private ulong NativeVerify() =>
        NativeBaselines.RmpOptVerify(
            _rmp!.NativeTable, _rmp.NativeProcessor, NativeCore, _pages!.Pointer, _rmp.Assign, _rmp.Release, Executions);

    /// <summary>A page that stays assigned, at the end of a region: found by both, and forgotten by both when it is released.</summary>
    private void AgreeOnAssignedPages()
    {
        ulong last = (2 * PageSize.Size1G.Bytes()) - PageSize.Size4K.Bytes();
        Agreement.Require(Verify(), NativeVerify());
        Agreement.Require(Report(), NativeReport());
        _rmp!.Update(last, *_rmp.Assign);
        Agreement.Require(Verify(), NativeVerify());
        Agreement.Require(Report(), NativeReport());
        _rmp.Update(last, *_rmp.Release);
        Agreement.Require(Verify(), NativeVerify());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Digest(RmpOptResult result) => ((ulong)result.Fault << 8) + (result.CarryFlag ? 1UL : 0);
}
