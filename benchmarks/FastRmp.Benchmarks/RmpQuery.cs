using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPQUERY: VMPL0 asks what VMPL1 may do with a validated 4 KiB page; pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpQuery
{
    private GuestWorkload? _guest;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new GuestWorkload(isValidated: true);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong FastRmp()
    {
        ReverseMapTable<ContiguousGeometry> table = _guest!.Rmp.Table;
        ExecutionState processor = GuestWorkload.Kernel;
        NestedPage* pages = _guest.SmallPages;
        ulong sum = 0;
        for (int i = 0; i < GuestWorkload.Pages; i++)
        {
            sum += GuestWorkload.Digest(table.RmpQuery(processor, pages[i], GuestWorkload.OtherVmpl, out RmpQueryOutput output));
            sum += (output.Size == PageSize.Size4K ? 0UL : 1UL) + ((ulong)output.Permissions << 8) + (output.IsVmsa ? 0x1_0000UL : 0);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong C() =>
        NativeBaselines.RmpQuery(
            _guest!.Rmp.NativeTable, _guest.Rmp.NativeProcessor, _guest.SmallPages, GuestWorkload.OtherVmpl, GuestWorkload.Pages);
}
