using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPREAD of 4 KiB pages in random order, every other one assigned.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpRead
{
    private const int Reads = 1024;
    private const ulong CoveredBytes = 0x80_0000UL;

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Turin(CoveredBytes);
        for (ulong page = 0; page < CoveredBytes; page += 2 * PageSize.Size4K.Bytes())
        {
            _rmp.Update(page, new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = 0x4000_0000UL + page });
        }

        _pages = new RandomAddresses(Reads, 0, (int)(CoveredBytes >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 31);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Reads)]
    public ulong FastRmp()
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ExecutionState processor = ExecutionState.Host;
        ulong* pages = _pages!.Pointer;
        ulong sum = 0;
        for (int i = 0; i < Reads; i++)
        {
            sum += (ulong)table.RmpRead(processor, PhysicalAddress.CreateUnchecked(pages[i]), out RmpReadOutput output).Status;
            sum += output.Low + output.High;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Reads)]
    public ulong C() => NativeBaselines.RmpRead(_rmp!.NativeTable, _rmp.NativeProcessor, _pages!.Pointer, Reads);
}
