using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>PVALIDATE from a guest virtual address: the tests, the nested walk of four levels over four, then rescind and validate. One
/// operation is the pair; 4 KiB pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PValidateAddress
{
    private const ulong Rescind = 0;
    private const ulong Validate = 1;
    private const ulong Reserved = 2;

    private AddressWorkload? _guest;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new AddressWorkload();
        foreach (PageSize size in new[] { PageSize.Size4K, PageSize.Size2M })
        {
            // Changes, CF, FAIL_INPUT, and for pages of the other size FAIL_SIZEMISMATCH.
            _guest.RequireSameEffect(() => Managed(size, Rescind, Rescind), () => Native(size, Rescind, Rescind));
            _guest.RequireSameEffect(() => Managed(size, Validate, Reserved), () => Native(size, Validate, Reserved));
        }

        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong FastRmp() => Managed(PageSize.Size4K, Rescind, Validate);

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressWorkload.Pages)]
    public ulong C() => Native(PageSize.Size4K, Rescind, Validate);

    private ulong Managed(PageSize size, ulong first, ulong last)
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
                GuestInstructions.PValidate(
                    table, ref memory, state, processor, new InstructionRegisters(addresses[i], (ulong)size, first)));
            sum += AddressWorkload.Digest(
                GuestInstructions.PValidate(
                    table, ref memory, state, processor, new InstructionRegisters(addresses[i], (ulong)size, last)));
        }

        return sum;
    }

    private ulong Native(PageSize size, ulong first, ulong last) => NativeBaselines.PValidateAt(
        _guest!.NativeMemory, _guest.NativeState, _guest.Rmp.NativeTable, _guest.NativeProcessor, _guest.Addresses, (ulong)size, first,
        last, AddressWorkload.Pages);
}
