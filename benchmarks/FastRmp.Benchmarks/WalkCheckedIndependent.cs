using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>A four-level walk to a 4 KiB page with the rights of a kernel write and the RMP check. The walks do not depend on each other:
/// what a batch takes for each.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class WalkCheckedIndependent
{
    private WalkWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new WalkWorkload();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = WalkWorkload.Walks)]
    public ulong FastRmp()
    {
        PinnedMemoryView memory = _work!.Map.View();
        PagingState state = _work.Map.State;
        HostRmpCheck<ContiguousGeometry> check = new(_work.Rmp.Table);
        ulong* addresses = _work.Addresses;
        ulong sum = 0;
        for (int i = 0; i < WalkWorkload.Walks; i++)
        {
            WalkResult result =
                PageWalker.Translate(ref memory, state, new VirtualAddress(addresses[i]), MemoryAccess.KernelWrite, ref check);
            sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = WalkWorkload.Walks)]
    public ulong C() =>
        NativeBaselines.WalkCheckedIndependent(
            _work!.NativeMemory, _work.NativeState, _work.Rmp.NativeTable, _work.Addresses, WalkWorkload.Walks);
}
