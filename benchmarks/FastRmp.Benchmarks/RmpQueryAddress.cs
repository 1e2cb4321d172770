using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>RMPQUERY from a guest virtual address: the tests, the nested walk of four levels over four, then what VMPL1 may do with the
/// page; 4 KiB pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpQueryAddress
{
    private const byte NoVmpl = 4;

    private AddressWorkload? _guest;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new AddressWorkload();
        for (byte target = 0; target <= NoVmpl; target++)
        {
            byte asked = target;
            _guest.RequireSameEffect(() => Managed(asked), () => Native(asked));
        }

        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong FastRmp() => Managed(GuestWorkload.OtherVmpl);

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong C() => Native(GuestWorkload.OtherVmpl);

    private ulong Managed(byte target)
    {
        PinnedMemoryView memory = _guest!.View;
        NestedPagingState state = _guest.State;
        ReverseMapTable<ContiguousGeometry> table = _guest.Rmp.Table;
        ExecutionState processor = AddressWorkload.Kernel;
        ulong* addresses = _guest.Addresses;
        ulong sum = 0;
        for (int i = 0; i < AddressWorkload.Pages; i++)
        {
            sum += AddressWorkload.Digest(
                GuestInstructions.RmpQuery(table, ref memory, state, processor, new InstructionRegisters(addresses[i], Rdx: target)));
        }

        return sum;
    }

    private ulong Native(byte target) => NativeBaselines.RmpQueryAt(
        _guest!.NativeMemory, _guest.NativeState, _guest.Rmp.NativeTable, _guest.NativeProcessor, _guest.Addresses, target,
        AddressWorkload.Pages);
}
