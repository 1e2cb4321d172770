using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks;

/// <summary>A device's write through its device table entry and v1 tables to a 4 KiB page, with the RMP check. Each needs the result of the
/// one before: what one request takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class IommuWalkChecked
{
    private readonly ulong _zero = System.Environment.GetCommandLineArgs().Length == 0 ? 1UL : 0UL; // zero, but not to the compiler

    private IommuWorkload? _work;

    [Params(3, 4)]
    public int Levels { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _work = new IommuWorkload(Levels);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = IommuWorkload.Walks)]
    public ulong FastRmp()
    {
        PinnedMemoryView memory = _work!.View();
        IommuState iommu = _work.Iommu;
        DmaRmpCheck<ContiguousGeometry> check = new(_work.Rmp.Table);
        ulong* addresses = _work.Addresses;
        ulong zero = _zero;
        ulong last = 0;
        ulong sum = 0;
        for (int i = 0; i < IommuWorkload.Walks; i++)
        {
            IommuWalkResult result = IommuWalker.Translate(
                ref memory, iommu, IommuWorkload.Device, new DeviceAddress(addresses[i] + (last & zero)), isWrite: true, ref check);
            last = result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
            sum += last;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = IommuWorkload.Walks)]
    public ulong C() =>
        NativeBaselines.IommuWalkChecked(
            _work!.NativeMemory, _work.NativeState, _work.Rmp.NativeTable, _work.Addresses, IommuWorkload.Walks, _zero);
}
