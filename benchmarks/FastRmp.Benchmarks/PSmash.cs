using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>PSMASH. No instruction takes it back at once, so the 8 KiB of the region are copied back behind the table's back: a row of its
/// own says how long that takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PSmash
{
    private const int Smashes = 16;
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
        _pages = new RandomAddresses(Smashes, 0, (int)(CoveredBytes >> PageSize.Size2M.Shift()), PageSize.Size2M.Bytes(), seed: 37);
        _rmp.RequireSameEffect(
            () => Managed(restores: false),
            () => NativeBaselines.PSmash(_rmp.NativeTable, _rmp.NativeProcessor, _pages.Pointer, null, Smashes));
        Agreement.Require(FastRmp(), C());
        Agreement.Require(FastRmp(), CPlain());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
        _region.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Smashes)]
    public ulong FastRmp() => Managed(restores: true);

    [Benchmark(Baseline = true, OperationsPerInvoke = Smashes)]
    public ulong C() => NativeBaselines.PSmash(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _region.Pointer, Smashes);

    /// <summary>For one thread only: what the protocol costs.</summary>
    [Benchmark(OperationsPerInvoke = Smashes)]
    public ulong CPlain() =>
        NativeBaselines.PSmashPlain(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, _region.Pointer, Smashes);

    /// <summary>What all others include.</summary>
    [Benchmark(OperationsPerInvoke = Smashes)]
    public ulong CopyBack() => NativeBaselines.Restore(_rmp!.NativeTable, _pages!.Pointer, _region.Pointer, Smashes);

    private ulong Managed(bool restores)
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ExecutionState processor = ExecutionState.Host;
        ulong* pages = _pages!.Pointer;
        ulong codes = 0;
        for (int i = 0; i < Smashes; i++)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(pages[i]);
            codes += (ulong)table.PSmash(processor, page).Status;
            if (restores) Unsafe.CopyBlock(_rmp.EntryOf(page), _region.Pointer, RegionBytes);
        }

        return codes;
    }
}
