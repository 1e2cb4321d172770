using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>Translations of pages of 4 KiB in an image, each from the root. A core has three segments, and its top table lies in another
/// one than most tables; in C it is one flat memory.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class ImageWalk
{
    private RandomAddresses? _addresses;
    private ImageWorkload? _work;

    /// <summary>In which image, and which pages.</summary>
    public enum Pages
    {
        /// <summary>A mapped ELF core, one page after the other.</summary>
        CoreConsecutive,

        /// <summary>A mapped ELF core, random pages of 64 MiB.</summary>
        CoreRandom,

        /// <summary>A compressed kdump whose pages are in the cache, random pages of 64 MiB.</summary>
        KdumpRandom,
    }

    [Params(Pages.CoreConsecutive, Pages.CoreRandom, Pages.KdumpRandom)]
    public Pages Of { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _work = new ImageWorkload(isKdump: Of == Pages.KdumpRandom);
        _addresses = Of == Pages.CoreConsecutive ? ImageAddresses.Consecutive() : ImageAddresses.Random();
        Agreement.Require(FastRmp(), C());
        Agreement.Require(Processor(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _work!.Dispose();
        _addresses!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = ImageAddresses.Count)]
    public ulong FastRmp()
    {
        ImageMemoryView memory = _work!.Image.Memory.View();
        PagingState state = _work.State;
        ulong* addresses = _addresses!.Pointer;
        ulong sum = 0;
        for (int i = 0; i < ImageAddresses.Count; i++)
        {
            WalkResult result = PageWalker.Translate(ref memory, state, new VirtualAddress(addresses[i]), MemoryAccess.KernelRead);
            sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
        }

        return sum;
    }

    /// <summary>A call of the image's processor for each.</summary>
    [Benchmark(OperationsPerInvoke = ImageAddresses.Count)]
    public ulong Processor()
    {
        ImageProcessor processor = _work!.Processor;
        ulong* addresses = _addresses!.Pointer;
        ulong sum = 0;
        for (int i = 0; i < ImageAddresses.Count; i++)
        {
            WalkResult result = processor.Translate(new VirtualAddress(addresses[i]), MemoryAccess.KernelRead);
            sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = ImageAddresses.Count)]
    public ulong C() => NativeBaselines.WalkIndependent(_work!.NativeMemory, _work.NativeState, _addresses!.Pointer, ImageAddresses.Count);
}
