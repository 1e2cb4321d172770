using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>A guest's write through four levels over four nested ones, all pages of 4 KiB. Each walk needs the result of the one before:
/// what one walk takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class NestedWalkDependent
{
    private readonly ulong _zero = System.Environment.GetCommandLineArgs().Length == 0 ? 1UL : 0UL; // zero, but not to the compiler

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
        NativeBaselines.NestedDependent(
            _work!.NativeMemory, _work.NativeState, Checked ? _work.Rmp.NativeTable : null, _work.Addresses, NestedWorkload.Walks, _zero);

    private ulong WithChecks()
    {
        PinnedMemoryView memory = _work!.View;
        NestedPagingState state = _work.State;
        GuestRmpCheck<ContiguousGeometry> check = _work.Check;
        ulong* addresses = _work.Addresses;
        ulong zero = _zero;
        ulong last = 0;
        ulong sum = 0;
        for (int i = 0; i < NestedWorkload.Walks; i++)
        {
            last = NestedWorkload.Digest(
                NestedWalker.Translate(
                    ref memory, state, new VirtualAddress(addresses[i] + (last & zero)), MemoryAccess.KernelWrite, ref check));
            sum += last;
        }

        return sum;
    }

    private ulong WithoutChecks()
    {
        PinnedMemoryView memory = _work!.View;
        NestedPagingState state = _work.State;
        ulong* addresses = _work.Addresses;
        ulong zero = _zero;
        ulong last = 0;
        ulong sum = 0;
        for (int i = 0; i < NestedWorkload.Walks; i++)
        {
            last = NestedWorkload.Digest(
                NestedWalker.Translate(ref memory, state, new VirtualAddress(addresses[i] + (last & zero)), MemoryAccess.KernelWrite));
            sum += last;
        }

        return sum;
    }
}
