using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE that releases a 2 MiB page. The 8 KiB of the region are copied back behind the table's back: a row of its own says
/// how long that takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpRelease2M
{
    private const int Releases = 16;
    private const uint RegionBytes = 512 * RmpEntry.SizeInBytes;
    private const ulong CoveredBytes = 0x80_0000UL;

    private readonly NativeBlock _region = new(2);
    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        _rmp.SetOperands(PageSize.Size2M);
        for (ulong page = 0; page < CoveredBytes; page += PageSize.Size2M.Bytes())
        {
            _rmp.Update(page, *_rmp.Assign);
        }

        Unsafe.CopyBlock(_region.Pointer, _rmp.EntryOf(default), RegionBytes); // all four are alike
        _pages = new RandomAddresses(Releases, 0, (int)(CoveredBytes >> PageSize.Size2M.Shift()), PageSize.Size2M.Bytes(), seed: 41);
        _rmp.RequireSameEffect(
            () => Managed(restores: false),
            () => NativeBaselines.RmpUpdateRelease(
                _rmp.NativeTable, _rmp.NativeProcessor, _pages.Pointer, _rmp.Release, null, Releases));
        Agreement.Require(FastRmp(), CAtomics());
        Agreement.Require(FastRmp(), CPlain());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
        _region.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Releases)]
    public ulong FastRmp() => Managed(restores: true);

    /// <summary>The same protocol in C11 atomics.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Releases)]
    public ulong CAtomics() => NativeBaselines.RmpUpdateRelease(
        _rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Release, _region.Pointer, Releases);

    /// <summary>For one thread only: what the protocol costs.</summary>
    [Benchmark(OperationsPerInvoke = Releases)]
    public ulong CPlain() => NativeBaselines.RmpUpdateReleasePlain(
        _rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _rmp.Release, _region.Pointer, Releases);

    /// <summary>What all others include.</summary>
    [Benchmark(OperationsPerInvoke = Releases)]
    public ulong CopyBack() => NativeBaselines.Restore(_rmp!.NativeTable, _pages!.Pointer, _region.Pointer, Releases);

    private ulong Managed(bool restores)
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ExecutionState processor = ExecutionState.Host;
        RmpUpdateOperand release = *_rmp.Release;
        ulong* pages = _pages!.Pointer;
        ulong codes = 0;
        for (int i = 0; i < Releases; i++)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(pages[i]);
            codes += (ulong)table.RmpUpdate(processor, page, release).Status;
            if (restores) Unsafe.CopyBlock(_rmp.EntryOf(page), _region.Pointer, RegionBytes);
        }

        return codes;
    }
}
