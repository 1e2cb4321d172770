using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The state of random pages of a busy host: its entry and its region's looked up, and decoded.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PageStateOf
{
    private const int Pages = 1024;
    private const ulong CoveredBytes = 0x400_0000UL;

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        _ = _rmp.Table.Geometry.TryGetIndex(default, out nuint first);
        MixedTable.Fill(
            new Span<RmpEntry>(_rmp.NativeTable->Words + (2 * first), (int)(CoveredBytes >> PageSize.Size4K.Shift())), seed: 53);
        _pages = new RandomAddresses(Pages, 0, (int)(CoveredBytes >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 59);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public ulong FastRmp()
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ulong* pages = _pages!.Pointer;
        ulong sum = 0;
        for (int i = 0; i < Pages; i++)
        {
            sum += (ulong)table.StateOf(PhysicalAddress.CreateUnchecked(pages[i]));
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pages)]
    public ulong C() => NativeBaselines.PageStates(_rmp!.NativeTable, _pages!.Pointer, Pages);
}
