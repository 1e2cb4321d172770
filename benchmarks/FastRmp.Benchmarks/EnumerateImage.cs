using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>Every mapping of a kernel's address space of 66 GiB, 4 million leaves of all sizes, from a mapped ELF core.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class EnumerateImage
{
    private ImageWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new ImageWorkload();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = ImageWorkload.Leaves)]
    public ulong FastRmp()
    {
        MappingEnumerator<ImageMemoryView> mappings = new(_work!.Image.Memory.View(), _work.State);
        ulong sum = 0;
        while (mappings.MoveNext())
        {
            Mapping found = mappings.Current;
            sum += found.VirtualAddress.Value + found.Address.Value + found.Leaf.Value + (ulong)found.Size + (ulong)found.Rights;
        }

        return sum + (ulong)mappings.AbsentTables;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = ImageWorkload.Leaves)]
    public ulong C() => NativeBaselines.EnumerateMappings(_work!.NativeMemory, _work.NativeState, 0, ulong.MaxValue);
}
