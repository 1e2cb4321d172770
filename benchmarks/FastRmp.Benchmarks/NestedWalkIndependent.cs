using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>A guest's write through four levels over four nested ones, all pages of 4 KiB. The walks do not depend on each other: what a
/// batch takes for each.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class NestedWalkIndependent
{
    private NestedWorkload? _work;

    /// <summary>Whether the RMP checks of an SNP guest are made, of each table access and of the page.</summary>
    [Params(false, true)]
    public bool Checked { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _work = new NestedWorkload();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = NestedWorkload.Walks)]
    public ulong FastRmp() => Checked ? WithChecks() : WithoutChecks();

    [Benchmark(Baseline = true, OperationsPerInvoke = NestedWorkload.Walks)]
    public ulong C() =>
        NativeBaselines.NestedIndependent(
            _work!.NativeMemory, _work.NativeState, Checked ? _work.Rmp.NativeTable : null, _work.Addresses, NestedWorkload.Walks);

    private ulong WithChecks()
    {
        PinnedMemoryView memory = _work!.View;
        NestedPagingState state = _work.State;
        GuestRmpCheck<ContiguousGeometry> check = _work.Check;
        ulong* addresses = _work.Addresses;
        ulong sum = 0;
        for (int i = 0; i < NestedWorkload.Walks; i++)
        {
            sum += NestedWorkload.Digest(
                NestedWalker.Translate(ref memory, state, new VirtualAddress(addresses[i]), MemoryAccess.KernelWrite, ref check));
        }

        return sum;
    }

    private ulong WithoutChecks()
    {
        PinnedMemoryView memory = _work!.View;
        NestedPagingState state = _work.State;
        ulong* addresses = _work.Addresses;
        ulong sum = 0;
        for (int i = 0; i < NestedWorkload.Walks; i++)
        {
            sum += NestedWorkload.Digest(
                NestedWalker.Translate(ref memory, state, new VirtualAddress(addresses[i]), MemoryAccess.KernelWrite));
        }

        return sum;
    }
}
