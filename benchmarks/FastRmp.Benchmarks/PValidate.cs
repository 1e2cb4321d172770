using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>PVALIDATE: validate and rescind. One operation is the pair; pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PValidate
{
    private GuestWorkload? _guest;

    /// <summary>Size of operand, nested mapping and RMP page.</summary>
    [Params(PageSize.Size4K, PageSize.Size2M)]
    public PageSize Size { get; set; }

    private NestedPage* Pages => Size == PageSize.Size4K ? _guest!.SmallPages : _guest!.LargePages;

    [GlobalSetup]
    public void Setup()
    {
        _guest = new GuestWorkload(isValidated: false);
        _guest.Rmp.RequireSameEffect(() => Managed(rescinds: false), () => Native(rescinds: false));
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong FastRmp() => Managed(rescinds: true);

    [Benchmark(Baseline = true, OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong C() => Native(rescinds: true);

    private ulong Managed(bool rescinds)
    {
        ReverseMapTable<ContiguousGeometry> table = _guest!.Rmp.Table;
        ExecutionState processor = GuestWorkload.Kernel;
        NestedPage* pages = Pages;
        PageSize size = Size;
        ulong sum = 0;
        for (int i = 0; i < GuestWorkload.Pages; i++)
        {
            sum += GuestWorkload.Digest(table.PValidate(processor, pages[i], size, validate: true));
            sum += GuestWorkload.Digest(table.PValidate(processor, pages[i], size, validate: !rescinds));
        }

        return sum;
    }

    private ulong Native(bool rescinds) =>
        NativeBaselines.PValidate(
            _guest!.Rmp.NativeTable, _guest.Rmp.NativeProcessor, Pages, (uint)Size, rescinds ? 0U : 1U, GuestWorkload.Pages);
}
