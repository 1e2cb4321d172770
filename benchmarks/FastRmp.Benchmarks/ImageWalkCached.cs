using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>Translations of random pages of 64 MiB in a mapped ELF core through a paging-structure cache; in C each walk begins at the
/// root.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class ImageWalkCached
{
    private readonly RandomAddresses _addresses = ImageAddresses.Random();
    private ImageWorkload? _work;
    private PagingStructureCache? _cache;

    [GlobalSetup]
    public void Setup()
    {
        _work = new ImageWorkload();
        _cache = new PagingStructureCache(_work.State);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _work!.Dispose();
        _addresses.Dispose();
    }

    [Benchmark(OperationsPerInvoke = ImageAddresses.Count)]
    public ulong FastRmp()
    {
        ImageMemoryView memory = _work!.Image.Memory.View();
        PagingStructureCache cache = _cache!;
        ulong* addresses = _addresses.Pointer;
        ulong sum = 0;
        for (int i = 0; i < ImageAddresses.Count; i++)
        {
            WalkResult result = PageWalker.Translate(ref memory, cache, new VirtualAddress(addresses[i]), MemoryAccess.KernelRead);
            sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = ImageAddresses.Count)]
    public ulong C() => NativeBaselines.WalkIndependent(_work!.NativeMemory, _work.NativeState, _addresses.Pointer, ImageAddresses.Count);
}
