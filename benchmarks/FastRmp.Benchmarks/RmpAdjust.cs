using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>RMPADJUST: VMPL0 lets VMPL1 read and write a page, and read alone again. One operation is the pair; 4 KiB pages in random
/// order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class RmpAdjust
{
    private static readonly RmpAdjustOperand Less = new RmpAdjustOperand
    {
        TargetVmpl = GuestWorkload.OtherVmpl,
        Permissions = VmplPermissions.Read,
    };
    private static readonly RmpAdjustOperand More = Less with { Permissions = VmplPermissions.Read | VmplPermissions.Write };

    private GuestWorkload? _guest;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new GuestWorkload(isValidated: true);
        _guest.Rmp.RequireSameEffect(() => Managed(More, More), () => Native(More, More));
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong FastRmp() => Managed(More, Less);

    [Benchmark(Baseline = true, OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong C() => Native(More, Less);

    private ulong Managed(RmpAdjustOperand first, RmpAdjustOperand last)
    {
        ReverseMapTable<ContiguousGeometry> table = _guest!.Rmp.Table;
        ExecutionState processor = GuestWorkload.Kernel;
        NestedPage* pages = _guest.SmallPages;
        ulong sum = 0;
        for (int i = 0; i < GuestWorkload.Pages; i++)
        {
            sum += GuestWorkload.Digest(table.RmpAdjust(processor, pages[i], PageSize.Size4K, first));
            sum += GuestWorkload.Digest(table.RmpAdjust(processor, pages[i], PageSize.Size4K, last));
        }

        return sum;
    }

    private ulong Native(RmpAdjustOperand first, RmpAdjustOperand last) =>
        NativeBaselines.RmpAdjust(
            _guest!.Rmp.NativeTable, _guest.Rmp.NativeProcessor, _guest.SmallPages, first.Value, last.Value, GuestWorkload.Pages);
}
