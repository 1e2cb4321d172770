using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE from the registers, as an emulated processor executes it: the walk to the operand, which may set Accessed, its read,
/// the update, the flags. One operation is the pair assign and release; 4 KiB pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpUpdateRegisters
{
    private OperandWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new OperandWorkload();
        _work.Rmp.RequireSameEffect(
            () => Managed(OperandWorkload.Assign, OperandWorkload.Assign), () => Native(OperandWorkload.Assign, OperandWorkload.Assign));
        Agreement.Require(FastRmp(), CAtomics());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _work!.Rmp.RequireEmpty();
        _work.Dispose();
    }

    [Benchmark(OperationsPerInvoke = OperandWorkload.Pairs)]
    public ulong FastRmp() => Managed(OperandWorkload.Assign, OperandWorkload.Release);

    [Benchmark(Baseline = true, OperationsPerInvoke = OperandWorkload.Pairs)]
    public ulong CAtomics() => Native(OperandWorkload.Assign, OperandWorkload.Release);

    private ulong Managed(ulong assign, ulong release)
    {
        PinnedMemoryView memory = _work!.View;
        PagingState state = _work.State;
        ReverseMapTable<ContiguousGeometry> table = _work.Rmp.Table;
        ExecutionState processor = ExecutionState.Host;
        ulong* pages = _work.Pages;
        ulong sum = 0;
        for (int i = 0; i < OperandWorkload.Pairs; i++)
        {
            sum += AddressWorkload.Digest(
                HypervisorInstructions.RmpUpdate(table, ref memory, state, processor, new InstructionRegisters(pages[i], assign, 0)));
            sum += AddressWorkload.Digest(
                HypervisorInstructions.RmpUpdate(table, ref memory, state, processor, new InstructionRegisters(pages[i], release, 0)));
        }

        return sum;
    }

    private ulong Native(ulong assign, ulong release) => NativeBaselines.RmpUpdateRegisters(
        _work!.NativeMemory, _work.NativeState, _work.Rmp.NativeTable, _work.Rmp.NativeProcessor, _work.Pages, assign, release,
        OperandWorkload.Pairs);
}
