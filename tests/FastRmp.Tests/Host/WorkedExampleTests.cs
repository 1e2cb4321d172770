using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>The worked example of the direct map's specification, row by row: one 1 GiB leaf, level-aware.</summary>
public sealed class WorkedExampleTests
{
    private const ulong Region2M = 0x4020_0000;
    private const ulong First4K = 0x4040_0000;
    private const ulong Second4K = 0x4040_1000;
    private const ulong OtherRegion = 0x4060_0000;
    private const ulong Smashed = 0x4020_3000;

    [Fact]
    public void Every_row_has_its_splits_leaves_tables_and_flushes()
    {
        using HostRig<LevelAware> rig = new(RangeAt(Giant, Giant));
        Row(rig, 0, 0, 0, 0, 1, 0, 0);
        Assert.True(rig.Assign(Region2M, PageSize.Size2M).IsDone);
        Row(rig, 0, 0, 0, 0, 1, 0, 0);
        Assert.True(rig.Assign(First4K).IsDone);
        Row(rig, 1, 1, 512, 511, 0, 2, 2);
        Assert.True(rig.Assign(Second4K).IsDone);
        Row(rig, 1, 1, 512, 511, 0, 2, 2);
        Assert.True(rig.Assign(OtherRegion).IsDone);
        Row(rig, 2, 1, 1024, 510, 0, 3, 3);
        Assert.True(rig.Host.PSmash(At(Region2M)).IsSuccess);
        Row(rig, 2, 1, 1024, 510, 0, 3, 3);
        Assert.True(rig.Release(Smashed).IsDone);
        Row(rig, 3, 1, 1536, 509, 0, 4, 4);
        ReleaseAll(rig);
        Row(rig, 3, 1, 1536, 509, 0, 4, 4);

        // The table's last row joins in one batch with one flush; region by region each join costs one, and 1G comes with the last.
        Assert.True(rig.Map.TryRejoin(At(Region2M)));
        Assert.True(rig.Map.TryRejoin(At(First4K)));
        Assert.True(rig.Map.TryRejoin(At(OtherRegion)));
        AssertLeaves(rig.Map, 0, 0, 1);
        AssertWork(rig.Map, 3, 1, 3, 1, 4 + 3);
        AssertWhole(rig.Map);
    }

    [Fact]
    public void With_rejoin_each_region_comes_back_with_its_last_release()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Region2M, PageSize.Size2M);
        _ = rig.Assign(First4K);
        _ = rig.Assign(Second4K);
        _ = rig.Assign(OtherRegion);
        _ = rig.Host.PSmash(At(Region2M));
        _ = rig.Release(Smashed);
        AssertLeaves(rig.Map, 1536, 509, 0);
        _ = rig.Release(First4K);
        AssertLeaves(rig.Map, 1536, 509, 0);
        _ = rig.Release(Second4K);
        AssertLeaves(rig.Map, 1024, 510, 0);
        _ = rig.Release(OtherRegion);
        AssertLeaves(rig.Map, 512, 511, 0);
        for (ulong page = Region2M; page < Region2M + Large; page += Small)
        {
            AssertLeaves(rig.Map, 512, 511, 0);
            _ = rig.Release(page);
        }

        AssertLeaves(rig.Map, 0, 0, 1);
        AssertWork(rig.Map, 3, 1, 3, 1, 4 + 3);
    }

    [Fact]
    public void Host_writes_fare_as_the_text_below_the_table_says()
    {
        using HostRig<LevelAware> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Region2M, PageSize.Size2M);
        WalkResult inside = rig.Write(0x4020_5000);
        Assert.Equal(WalkStatus.RmpViolation, inside.Status);
        Assert.Equal(0x8000_0003U, inside.ErrorCode);
        Assert.Equal(PageSize.Size1G, inside.Size);
        Assert.True(rig.Write(0x4000_0000).IsMapped);
        _ = rig.Assign(First4K);
        WalkResult neighbour = rig.Write(0x4040_2000);
        Assert.True(neighbour.IsMapped);
        Assert.Equal(PageSize.Size4K, neighbour.Size);
        Assert.Equal(0x4040_2000UL, neighbour.Address.Value);
    }

    [Fact]
    public void Under_never_the_neighbour_of_an_assigned_page_cannot_be_written()
    {
        using HostRig<Never> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(First4K);
        WalkResult neighbour = rig.Write(0x4040_2000);
        Assert.Equal(WalkStatus.RmpViolation, neighbour.Status);
        Assert.Equal(0x8000_0003U, neighbour.ErrorCode);
        Assert.True(rig.Write(0x4060_0000).IsMapped);
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    private static void ReleaseAll(HostRig<LevelAware> rig)
    {
        for (ulong page = Region2M; page < Region2M + Large; page += Small)
        {
            _ = rig.Release(page);
        }

        _ = rig.Release(First4K);
        _ = rig.Release(Second4K);
        _ = rig.Release(OtherRegion);
        Assert.True(rig.Table.IsHypervisorOwned(At(Region2M), PageSize.Size2M));
        Assert.True(rig.Table.IsHypervisorOwned(At(First4K), PageSize.Size2M));
        Assert.Equal(0UL, rig.Table.AssignedPages(1));
    }

    private static void Row(
        HostRig<LevelAware> rig, long splits2M, long splits1G, long leaves4K, long leaves2M, long leaves1G, long tables, long flushes)
    {
        AssertLeaves(rig.Map, leaves4K, leaves2M, leaves1G);
        AssertWork(rig.Map, splits2M, splits1G, 0, 0, flushes);
        Assert.Equal(2 + tables, rig.Map.Statistics.TablePages); // the top table and its pointer table were there from the start
    }
}
