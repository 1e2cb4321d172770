using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>A guest's writes to random addresses over 512 MiB of its page tables and of nested ones, in batches, against single walks in C
/// and against C that reads ahead for 16.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class NestedWalkBatch
{
    private const int BatchSize = 1024;

    private readonly NestedWalkResult[] _results = new NestedWalkResult[BatchSize];

    private NestedBatchWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new NestedBatchWorkload();
        ulong managed = FastRmp();
        _work.Rewind();
        Agreement.Require(managed, C());
        _work.Rewind();
        Agreement.Require(managed, CAhead());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = NestedBatchWorkload.Walks)]
    public ulong FastRmp()
    {
        PinnedMemoryView memory = _work!.View();
        NestedPagingState state = _work.State;
        ReadOnlySpan<VirtualAddress> addresses = new(_work.Next(), NestedBatchWorkload.Walks);
        ulong sum = 0;
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            NestedWalker.Translate(ref memory, state, addresses.Slice(i, BatchSize), MemoryAccess.KernelWrite, _results);
            foreach (ref readonly NestedWalkResult result in _results.AsSpan())
            {
                sum += NestedWorkload.Digest(result);
            }
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = NestedBatchWorkload.Walks)]
    public ulong C() =>
        NativeBaselines.NestedIndependent(_work!.NativeMemory, _work.NativeState, null, _work.Next(), NestedBatchWorkload.Walks);

    [Benchmark(OperationsPerInvoke = NestedBatchWorkload.Walks)]
    public ulong CAhead() =>
        NativeBaselines.NestedBatch(_work!.NativeMemory, _work.NativeState, _work.Next(), NestedBatchWorkload.Walks);
}
