using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>Translations of random addresses over 512 MiB of page tables, in batches, against single walks in C and against C that
/// interleaves 16.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class WalkBatch
{
    private const int BatchSize = 1024;

    private readonly WalkResult[] _results = new WalkResult[BatchSize];

    private BatchWorkload? _work;

    [GlobalSetup]
    public void Setup()
    {
        _work = new BatchWorkload();
        ulong managed = FastRmp();
        _work.Rewind();
        Agreement.Require(managed, C());
        _work.Rewind();
        Agreement.Require(managed, CInterleaved());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = BatchWorkload.Walks)]
    public ulong FastRmp()
    {
        PinnedMemoryView memory = _work!.View();
        PagingState state = _work.State;
        ReadOnlySpan<VirtualAddress> addresses = new(_work.Next(), BatchWorkload.Walks);
        ulong sum = 0;
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            PageWalker.Translate(ref memory, state, addresses.Slice(i, BatchSize), MemoryAccess.KernelRead, _results);
            foreach (WalkResult result in _results)
            {
                sum += result.Address.Value + (ulong)result.Status + (ulong)result.Rights;
            }
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = BatchWorkload.Walks)]
    public ulong C() => NativeBaselines.WalkIndependent(_work!.NativeMemory, _work.NativeState, _work.Next(), BatchWorkload.Walks);

    [Benchmark(OperationsPerInvoke = BatchWorkload.Walks)]
    public ulong CInterleaved() => NativeBaselines.WalkBatch(_work!.NativeMemory, _work.NativeState, _work.Next(), BatchWorkload.Walks);
}
