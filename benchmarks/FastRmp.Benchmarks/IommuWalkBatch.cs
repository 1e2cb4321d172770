using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks;

/// <summary>A device's writes to random addresses over 512 MiB of v1 page tables, in batches, against single walks in C and against C that
/// reads ahead for 16.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class IommuWalkBatch
{
    private const int BatchSize = 1024;

    private readonly IommuWalkResult[] _results = new IommuWalkResult[BatchSize];

    private IommuBatchWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new IommuBatchWorkload();
        ulong managed = FastRmp();
        _work.Rewind();
        Agreement.Require(managed, C());
        _work.Rewind();
        Agreement.Require(managed, CAhead());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = IommuBatchWorkload.Walks)]
    public ulong FastRmp()
    {
        PinnedMemoryView memory = _work!.View();
        IommuState iommu = _work.Iommu;
        ReadOnlySpan<DeviceAddress> addresses = new(_work.Next(), IommuBatchWorkload.Walks);
        ulong sum = 0;
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            IommuWalker.Translate(
                ref memory, iommu, IommuBatchWorkload.Device, addresses.Slice(i, BatchSize), isWrite: true, _results);
            foreach (IommuWalkResult result in _results)
            {
                sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
            }
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = IommuBatchWorkload.Walks)]
    public ulong C() =>
        NativeBaselines.IommuIndependent(_work!.NativeMemory, _work.NativeState, _work.Next(), IommuBatchWorkload.Walks);

    [Benchmark(OperationsPerInvoke = IommuBatchWorkload.Walks)]
    public ulong CAhead() => NativeBaselines.IommuBatch(_work!.NativeMemory, _work.NativeState, _work.Next(), IommuBatchWorkload.Walks);
}
