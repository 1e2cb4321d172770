using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

public class DirectMapAllocationTests
{
    [Fact]
    public void Neither_search_nor_census_nor_ranges_allocate()
    {
        using MemoryImage core = TableImage.OpenFixture();
        PagingState state = new(core.Cpus[0].Control.Cr3.Table, PagingMode.FourLevel, ProcessorModel.Genoa);
        long first = Round(core, state, core.VmCoreInfo) + Round(core, state, null);
        long second = 0;
        Allocations.RequireNone(() => second = Round(core, state, core.VmCoreInfo) + Round(core, state, null), rounds: 1);
        Assert.Equal(first, second);
    }

    private static long Round(MemoryImage core, in PagingState state, VmCoreInfo? notes)
    {
        if (!DirectMapFinder.TryFind(core.Memory.View(), state, notes, out DirectMapLocation location)) return -1;
        long parts = 0;
        DirectMapCensus<ImageMemoryView> census = new(core.Memory.View(), location);
        while (census.MoveNext()) parts++;
        DirectMapRangeEnumerator<ImageMemoryView> ranges = new(core.Memory.View(), location);
        while (ranges.MoveNext()) parts++;
        return parts + census.Totals.Leaves4K;
    }
}
