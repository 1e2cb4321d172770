using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>The policies of the specification's table: what each does before updates, on faults and after releases.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void Never_splits_for_nothing() => Require<Never>("never", on4K: false, on2M: false, onFault: false, rejoins: false);

    [Fact]
    public void Eager_splits_before_every_update() => Require<Eager>("eager", on4K: true, on2M: true, onFault: false, rejoins: false);

    [Fact]
    public void Eager_with_rejoin() => Require<Rejoining<Eager>>("eager+rejoin", on4K: true, on2M: true, onFault: false, rejoins: true);

    [Fact]
    public void Level_aware_splits_before_4K_updates() =>
        Require<LevelAware>("level-aware", on4K: true, on2M: false, onFault: false, rejoins: false);

    [Fact]
    public void Level_aware_with_rejoin() =>
        Require<Rejoining<LevelAware>>("level-aware+rejoin", on4K: true, on2M: false, onFault: false, rejoins: true);

    [Fact]
    public void On_demand_splits_in_the_fault_handler() =>
        Require<OnDemand>("on-demand", on4K: false, on2M: false, onFault: true, rejoins: false);

    [Fact]
    public void On_demand_with_rejoin() =>
        Require<Rejoining<OnDemand>>("on-demand+rejoin", on4K: false, on2M: false, onFault: true, rejoins: true);

    [Fact]
    public void A_2M_update_under_eager_splits_its_region_once()
    {
        using HostRig<Eager> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Assign(Giant + Large, PageSize.Size2M).IsDone);
        AssertLeaves(rig.Map, 512, 511, 0);
        Assert.True(rig.Release(Giant + Large, PageSize.Size2M).IsDone);
        AssertWork(rig.Map, 1, 1, 0, 0, 2);
    }

    [Fact]
    public void Neither_assigning_nor_PSMASH_nor_a_fault_rejoins()
    {
        using HostRig<Rejoining<OnDemand>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Map.SetMemory4K(At(Giant + (5 * Large)), 1); // a table that a release would join
        _ = rig.Assign(Giant + (5 * Large), PageSize.Size2M);
        AssertWork(rig.Map, 1, 1, 0, 0, 2);
        Assert.True(rig.Host.PSmash(At(Giant + (5 * Large))).IsSuccess);
        _ = rig.Assign(Giant + (6 * Large));
        Assert.Equal(FaultOutcome.Split, rig.Handle(Giant + (6 * Large) + Small));
        AssertWork(rig.Map, 2, 1, 0, 0, 3);
    }

    [Fact]
    public void A_release_joins_the_region_it_touched_and_no_other()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Map.SetMemory4K(At(Giant), 1);
        _ = rig.Assign(Giant + Large);
        _ = rig.Assign(Giant + (2 * Large));
        AssertLeaves(rig.Map, 3 * 512, 509, 0);
        Assert.True(rig.Release(Giant + Large).IsDone);
        AssertLeaves(rig.Map, 2 * 512, 510, 0);
        Assert.Equal(2, Leaf(rig.Map, Giant + Large).Level);
    }

    [Fact]
    public void A_release_beside_an_assigned_page_does_not_join()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Giant);
        _ = rig.Assign(Giant + Large - Small);
        Assert.True(rig.Release(Giant + Small).IsDone); // shared to shared: an update that releases, too
        Assert.True(rig.Release(Giant).IsDone);
        AssertWork(rig.Map, 1, 1, 0, 0, 2);
        Assert.True(rig.Release(Giant + Large - Small).IsDone);
        AssertWork(rig.Map, 1, 1, 1, 1, 3);
    }

    [Fact]
    public void A_release_of_2M_joins_what_eager_split()
    {
        using HostRig<Rejoining<Eager>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Giant, PageSize.Size2M);
        AssertLeaves(rig.Map, 512, 511, 0);
        _ = rig.Release(Giant, PageSize.Size2M);
        AssertLeaves(rig.Map, 0, 0, 1);
        AssertWork(rig.Map, 1, 1, 1, 1, 3);
    }

    [Fact]
    public void A_1G_leaf_comes_back_over_regions_that_are_still_assigned()
    {
        using HostRig<Rejoining<OnDemand>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Giant + (7 * Large), PageSize.Size2M);
        _ = rig.Assign(Giant + (8 * Large));
        _ = rig.Assign(Giant + (9 * Large));
        Assert.Equal(FaultOutcome.Split, rig.Handle(Giant + (9 * Large) + Small));
        AssertLeaves(rig.Map, 512, 511, 0);
        Assert.True(rig.Release(Giant + (9 * Large)).IsDone);
        AssertLeaves(rig.Map, 0, 0, 1);
        Assert.False(rig.Write(Giant + (8 * Large) + Small).IsMapped); // the handler splits it again
        Assert.Equal(FaultOutcome.Split, rig.Handle(Giant + (8 * Large) + Small));
    }

    [Fact]
    public void A_page_marked_by_other_code_stays_split()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        _ = rig.Map.SetMemory4K(At(Giant + Small), 1, setKernel4K: true);
        _ = rig.Assign(Giant);
        _ = rig.Release(Giant);
        AssertLeaves(rig.Map, 512, 511, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_page_that_caused_the_split_is_marked_and_later_ones_if_chosen(bool onEvery)
    {
        DirectMapOptions options = new() { Choices = ModelChoices.Default with { Kernel4KOnEveryUpdate = onEvery } };
        using HostRig<LevelAware> rig = new(options, 2 * Giant, ModelChoices.Default, [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        Assert.True(rig.Assign(Giant + (3 * Small)).IsDone);
        Assert.True(rig.Assign(Giant + (4 * Small)).IsDone);
        Assert.True(rig.Assign(Giant + Large, PageSize.Size2M).IsDone);
        Assert.Equal(
            (true, onEvery, false, false),
            (IsMarked(Giant + (3 * Small)), IsMarked(Giant + (4 * Small)), IsMarked(Giant + (5 * Small)), IsMarked(Giant + Large)));
        Assert.Equal(onEvery ? 2 : 1, rig.Map.Statistics.RangedFlushes);
        Assert.True(rig.Release(Giant + (3 * Small)).IsDone);
        Assert.True(rig.Release(Giant + (4 * Small)).IsDone);
        Assert.True(rig.Map.TryRejoin(At(Giant)));
        AssertLeaves(rig.Map, 0, 0, 1);
        Assert.True(rig.Assign(Giant).IsDone);
        Assert.Equal((true, false), (IsMarked(Giant), IsMarked(Giant + (3 * Small))));
        bool IsMarked(ulong page) => (Leaf(rig.Map, page).Value & 0x800) != 0;
    }

    [Fact]
    public void A_mark_of_the_split_before_an_update_forbids_Linuxs_join()
    {
        DirectMapOptions options = new() { Choices = ModelChoices.Default with { RejoinAsLinux = true } };
        using HostRig<Rejoining<LevelAware>> rig = new(options, 2 * Giant, ModelChoices.Default, [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        Assert.True(rig.Assign(Giant).IsDone);
        Assert.True(rig.Release(Giant).IsDone);
        AssertLeaves(rig.Map, 512, 511, 0);
    }

    [Fact]
    public void A_mark_that_other_code_sets_again_stays()
    {
        using HostRig<Rejoining<LevelAware>> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Assign(Giant).IsDone);
        Assert.Equal(SplitStatus.Unchanged, rig.Map.SetMemory4K(At(Giant), 1, setKernel4K: true));
        Assert.True(rig.Release(Giant).IsDone);
        AssertLeaves(rig.Map, 512, 511, 0);
    }

    [Fact]
    public void Mainline_refuses_pages_that_are_no_RAM_and_the_others_do_not()
    {
        using HostRig<LevelAware> mainline = new(RangeAt(Giant, Giant + Large + Small));
        using HostRig<Eager> patch = new(RangeAt(Giant, Giant + Large + Small));
        ulong end = (2 * Giant) + Large + Small;
        foreach ((ulong page, PageSize size, bool isValid) in ((ulong, PageSize, bool)[])[
            (Giant - Small, PageSize.Size4K, false), (end, PageSize.Size4K, false),
            (Giant + Small, PageSize.Size2M, false), ((2 * Giant) + Large, PageSize.Size2M, false), (0, PageSize.Size2M, false),
            (Giant, PageSize.Size2M, true), (end - Small, PageSize.Size4K, true)])
        {
            HostUpdateStatus status = mainline.Assign(page, size).Status;
            Assert.Equal(!isValid, status == HostUpdateStatus.NotRam);
            if (!isValid) Assert.False(mainline.Entry(page & ~(Small - 1)).Assigned);
            Assert.NotEqual(HostUpdateStatus.NotRam, patch.Assign(page, size).Status);
        }
    }

    private static void Require<TPolicy>(string name, bool on4K, bool on2M, bool onFault, bool rejoins)
        where TPolicy : struct, IDirectMapPolicy
    {
        Assert.Equal(name, TPolicy.Name);
        Assert.Equal(
            (on4K, on2M, onFault, rejoins),
            (
                TPolicy.SplitsBefore(PageSize.Size4K), TPolicy.SplitsBefore(PageSize.Size2M), TPolicy.SplitsOnFault,
                TPolicy.RejoinsAfterRelease));
        using HostRig<TPolicy> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Assign(Giant, PageSize.Size2M).IsDone);
        Assert.Equal(on2M ? 1 : 3, Leaf(rig.Map, Giant).Level);
        Assert.True(rig.Assign(Giant + Large).IsDone);
        Assert.Equal(on4K ? 1 : on2M ? 2 : 3, Leaf(rig.Map, Giant + Large).Level);
        Assert.Equal(on4K, rig.Write(Giant + Large + Small).IsMapped);
        FaultOutcome beside = rig.Handle(Giant + Large + Small);
        Assert.Equal(on4K ? FaultOutcome.Spurious : onFault ? FaultOutcome.Split : FaultOutcome.Fatal, beside);
        Assert.Equal(on4K || onFault, rig.Write(Giant + Large + Small).IsMapped);
        Assert.True(rig.Release(Giant + Large).IsDone);
        Assert.True(rig.Release(Giant, PageSize.Size2M).IsDone);
        bool split = on2M || on4K || onFault;
        Assert.Equal(split && !rejoins ? 1 : 3, Leaf(rig.Map, Giant + Large).Level);
        Assert.Equal(rejoins ? rig.Map.Statistics.Splits2M : 0, rig.Map.Statistics.Rejoins2M);
        Assert.Equal(rejoins ? rig.Map.Statistics.Splits1G : 0, rig.Map.Statistics.Rejoins1G);
        Assert.Equal(RmpResult.Success, rig.Release(Giant).Instruction);
        AssertWhole(rig.Map);
    }
}
