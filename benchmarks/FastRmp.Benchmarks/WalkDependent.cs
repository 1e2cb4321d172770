using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>A four-level walk to a 4 KiB page with the rights of a kernel read. Each walk needs the result of the one before: what one walk
/// takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class WalkDependent
{
    private readonly ulong _zero = System.Environment.GetCommandLineArgs().Length == 0 ? 1UL : 0UL; // zero, but not to the compiler

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
        ulong* addresses = _work.Addresses;
        ulong zero = _zero;
        ulong last = 0;
        ulong sum = 0;
        for (int i = 0; i < WalkWorkload.Walks; i++)
        {
            WalkResult result =
                PageWalker.Translate(ref memory, state, new VirtualAddress(addresses[i] + (last & zero)), MemoryAccess.KernelRead);
            last = result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
            sum += last;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = WalkWorkload.Walks)]
    public ulong C() => NativeBaselines.WalkDependent(_work!.NativeMemory, _work.NativeState, _work.Addresses, WalkWorkload.Walks, _zero);
}
