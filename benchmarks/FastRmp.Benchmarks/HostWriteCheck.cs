using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The check of a host's write to a random page, every other one through a 2 MiB mapping. All may happen, as almost all
/// do.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class HostWriteCheck
{
    private const int SmallSet = 1024;
    private const int LargeSet = 65_536;

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    /// <summary>1024 pages of 8 MiB, whose entries stay in the first-level cache; or 65,536 pages of 16 GiB.</summary>
    [Params(SmallSet, LargeSet)]
    public int Pages { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ulong covered = Pages == SmallSet ? 0x80_0000UL : 0x4_0000_0000UL;
        _rmp = Machines.Genoa(covered);
        _rmp.SetOperands(PageSize.Size4K);
        _pages = new RandomAddresses(Pages, 0, (int)(covered >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 29);
        AgreeOnFaults();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _rmp!.RequireEmpty();
        _pages!.Dispose();
        _rmp.Dispose();
    }

    // One invocation is the same number of checks for either set: BenchmarkDotNet takes a constant.
    [Benchmark(OperationsPerInvoke = LargeSet)]
    public ulong FastRmp()
    {
        ulong sum = 0;
        for (int done = 0; done < LargeSet; done += Pages)
        {
            sum += Managed(_rmp!.Table, _pages!.Pointer, Pages);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = LargeSet)]
    public ulong C()
    {
        ulong sum = 0;
        for (int done = 0; done < LargeSet; done += Pages)
        {
            sum += NativeBaselines.HostCheck(_rmp!.NativeTable, _pages!.Pointer, (ulong)Pages);
        }

        return sum;
    }

    private static ulong Managed(ReverseMapTable<ContiguousGeometry> table, ulong* pages, int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            PageSize mapping = (PageSize)(i & 1);
            sum += RmpCheck.Host(table, AccessKind.Write, PhysicalAddress.CreateUnchecked(pages[i]), mapping).Value;
        }

        return sum;
    }

    private void AgreeOnFaults()
    {
        for (int i = 0; i < Pages; i += 256)
        {
            _rmp!.Update(_pages!.Pointer[i], *_rmp.Assign);
        }

        Agreement.Require(FastRmp(), C());
        for (int i = 0; i < Pages; i += 256)
        {
            _rmp!.Update(_pages!.Pointer[i], *_rmp.Release);
        }
    }
}
