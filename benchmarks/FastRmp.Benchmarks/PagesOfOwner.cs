using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The pages of one of sixty guests on a busy host of 16 GiB: 64 MiB of entries, a 2 MiB page once.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PagesOfOwner
{
    private const ulong CoveredBytes = 16UL << 30;
    private const int Entries = 4_194_304;
    private const uint Asid = 5;

    private RmpWorkload<ContiguousGeometry>? _rmp;

    private ulong* Words => (ulong*)_rmp!.NativeTable->Words + (ContiguousGeometry.BookkeepingBytes / sizeof(ulong));

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        MixedTable.Fill(new System.Span<RmpEntry>(Words, Entries), seed: 43);
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _rmp!.Dispose();

    [Benchmark]
    public ulong FastRmp()
    {
        ulong sum = 0;
        foreach (OwnedPage page in _rmp!.Table.PagesOf(Asid))
        {
            sum += (page.Page.Value >> PageSize.Size4K.Shift()) + 1;
        }

        return sum;
    }

    [Benchmark(Baseline = true)]
    public ulong C() => NativeBaselines.ScanOwner(Words, Entries, Asid);
}
