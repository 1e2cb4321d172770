using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;

namespace FastRmp.Benchmarks;

/// <summary>The direct map: one 2 MiB leaf is split to 512 of 4 KiB and joined again. One operation is the pair; regions in random
/// order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class SplitRejoin
{
    private SplitWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new SplitWorkload();
        Agreement.Require((ulong)FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _work!.RequireJoined();
        _work.Dispose();
    }

    [Benchmark(OperationsPerInvoke = SplitWorkload.Pairs)]
    public int FastRmp()
    {
        HostDirectMap map = _work!.Map;
        ulong* regions = _work.Regions;
        int outcomes = 0;
        for (int i = 0; i < SplitWorkload.Pairs; i++)
        {
            PhysicalAddress region = PhysicalAddress.CreateUnchecked(regions[i]);
            outcomes += (int)map.SetMemory4K(region, 1);
            outcomes += map.TryRejoin(region) ? 1 : 0;
        }

        return outcomes;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SplitWorkload.Pairs)]
    public ulong C() => NativeBaselines.SplitRejoin(_work!.NativeMap, _work.Regions, SplitWorkload.Pairs);
}
