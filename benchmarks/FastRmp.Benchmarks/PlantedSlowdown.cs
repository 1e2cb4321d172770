using BenchmarkDotNet.Attributes;

namespace FastRmp.Benchmarks;

/// <summary>RMPUPDATE of 4 KiB pages as <see cref="RmpUpdate4K"/> has it, but everything four times on the library's side: what <c>gate
/// --planted</c> has to notice.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class PlantedSlowdown
{
    private const int Pairs = 1024;
    private const int Times = 4; // the bound is at most twice a recorded ratio

    private readonly RmpUpdate4K _work = new();

    [GlobalSetup]
    public void Setup() => _work.Setup();

    [GlobalCleanup]
    public void Cleanup() => _work.Cleanup();

    [Benchmark(OperationsPerInvoke = Pairs)]
    public ulong FastRmp()
    {
        ulong codes = 0;
        for (int i = 0; i < Times; i++)
        {
            codes += _work.FastRmp();
        }

        return codes;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public ulong CAtomics() => _work.CAtomics();
}
