using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>RMPADJUST from a guest virtual address: the tests, the nested walk of four levels over four, then VMPL1 may read and write the
/// page, and read alone again. One operation is the pair; 4 KiB pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpAdjustAddress
{
    private static readonly RmpAdjustOperand Less = new RmpAdjustOperand
    {
        TargetVmpl = GuestWorkload.OtherVmpl,
        Permissions = VmplPermissions.Read,
    };
    private static readonly RmpAdjustOperand More = Less with { Permissions = VmplPermissions.Read | VmplPermissions.Write };

    private AddressWorkload? _guest;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new AddressWorkload();
        foreach (PageSize size in new[] { PageSize.Size4K, PageSize.Size2M })
        {
            _guest.RequireSameEffect(() => Managed(size, Less, More), () => Native(size, Less, More));
            _guest.RequireSameEffect(
                () => Managed(size, More with { TargetVmpl = 0 }, More with { TargetVmpl = 4 }),
                () => Native(size, More with { TargetVmpl = 0 }, More with { TargetVmpl = 4 }));
        }

        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong FastRmp() => Managed(PageSize.Size4K, More, Less);

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong C() => Native(PageSize.Size4K, More, Less);

    private ulong Managed(PageSize size, RmpAdjustOperand first, RmpAdjustOperand last)
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
                GuestInstructions.RmpAdjust(
                    table, ref memory, state, processor, new InstructionRegisters(addresses[i], (ulong)size, first.Value)));
            sum += AddressWorkload.Digest(
                GuestInstructions.RmpAdjust(
                    table, ref memory, state, processor, new InstructionRegisters(addresses[i], (ulong)size, last.Value)));
        }

        return sum;
    }

    private ulong Native(PageSize size, RmpAdjustOperand first, RmpAdjustOperand last) => NativeBaselines.RmpAdjustAt(
        _guest!.NativeMemory, _guest.NativeState, _guest.Rmp.NativeTable, _guest.NativeProcessor, _guest.Addresses, (ulong)size,
        first.Value, last.Value, AddressWorkload.Pages);
}
