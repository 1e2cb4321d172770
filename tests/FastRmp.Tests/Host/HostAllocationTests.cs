using FastRmp.DirectMap;
using FastRmp.Tests.Support;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

public sealed class HostAllocationTests
{
    [Fact]
    public void A_host_that_splits_and_joins_allocates_nothing()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        Allocations.RequireNone(() => Work(rig));
        Assert.Equal(101 * 2, rig.Map.Statistics.Splits2M);
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    [Fact]
    public void A_host_that_splits_on_faults_allocates_nothing()
    {
        using HostRig<Rejoining<OnDemand>> rig = new(RangeAt(Giant, Giant));
        Allocations.RequireNone(() => Work(rig));
        Assert.Equal(101, rig.Map.Statistics.Splits1G);
    }

    private static void Work<TPolicy>(HostRig<TPolicy> rig)
        where TPolicy : struct, IDirectMapPolicy
    {
        _ = rig.Assign(Giant);
        _ = rig.Assign(Giant + Large, PageSize.Size2M);
        _ = rig.Host.PSmash(At(Giant + Large));
        _ = rig.Write(Giant);
        if (!rig.Write(Giant + Small).IsMapped) _ = rig.Handle(Giant + Small);
        _ = rig.Host.Access(At(Giant), AccessKind.Read);
        _ = rig.Release(Giant);
        for (ulong page = Giant + Large; page < Giant + (2 * Large); page += Small)
        {
            _ = rig.Release(page);
        }
    }
}
