using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

public sealed class PageFaultHandlerTests
{
    private const ulong Assigned = Giant + (3 * Large);

    [Theory]
    [InlineData(0x0U)]
    [InlineData(0x3U)]
    [InlineData(0x7FFF_FFFFU)]
    public void A_fault_without_the_RMP_bit_is_not_this_handlers(uint errorCode)
    {
        using HostRig<OnDemand> rig = WithAssignedPage<OnDemand>();
        Assert.Equal(FaultOutcome.NotAnRmpFault, rig.Handle(Assigned + Small, errorCode));
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    [Fact]
    public void A_neighbour_in_a_1G_leaf_is_split_down_to_4K_and_can_be_written_then()
    {
        using HostRig<OnDemand> rig = WithAssignedPage<OnDemand>();
        Assert.False(rig.Write(Assigned + Small + 0x123).IsMapped);
        Assert.Equal(FaultOutcome.Split, rig.Handle(Assigned + Small + 0x123));
        AssertLeaves(rig.Map, 512, 511, 0);
        AssertWork(rig.Map, 1, 1, 0, 0, 2);
        Assert.Equal(Assigned + Small + 0x123, rig.Write(Assigned + Small + 0x123).Address.Value);
        Assert.False(rig.Write(Assigned).IsMapped);
        Assert.Equal(0, rig.Map.Statistics.RangedFlushes);
        AssertWhole(rig.Map);
    }

    [Fact]
    public void A_write_to_the_assigned_page_itself_is_fatal_under_every_policy()
    {
        RequireFatal<Never>(Assigned);
        RequireFatal<Eager>(Assigned);
        RequireFatal<LevelAware>(Assigned);
        RequireFatal<OnDemand>(Assigned);
        RequireFatal<Rejoining<OnDemand>>(Assigned + Small - 1);
    }

    [Fact]
    public void A_neighbour_is_fatal_under_a_policy_that_does_not_split_on_faults()
    {
        RequireFatal<Never>(Assigned + Small);
        RequireFatal<Eager>(Assigned + Small);
        RequireFatal<LevelAware>(Assigned + Small);
        RequireFatal<Rejoining<Eager>>(Assigned + Small);
        RequireFatal<Rejoining<LevelAware>>(Assigned + Small);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Giant - 1)]
    [InlineData(2 * Giant)]
    [InlineData(1UL << 48)]
    [InlineData((1UL << 48) + Assigned)]
    public void An_address_outside_the_map_is_fatal(ulong pa)
    {
        using HostRig<OnDemand> rig = WithAssignedPage<OnDemand>();
        Assert.Equal(FaultOutcome.Fatal, rig.Handle(pa));
        Assert.Equal(FaultOutcome.Fatal, rig.Host.HandlePageFault(new VirtualAddress(pa), new PageFaultErrorCode(0x8000_0007)));
    }

    [Theory]
    [InlineData(Giant)]
    [InlineData(Giant + (2 * Large))]
    [InlineData(Assigned - 1)]
    [InlineData(Assigned + Large)]
    public void A_fault_whose_cause_is_gone_is_spurious_and_splits_nothing(ulong pa)
    {
        using HostRig<OnDemand> rig = WithAssignedPage<OnDemand>();
        Assert.Equal(FaultOutcome.Spurious, rig.Handle(pa));
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    [Fact]
    public void A_fault_on_an_unassigned_4K_leaf_is_spurious_under_every_policy()
    {
        using HostRig<LevelAware> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Assigned);
        Assert.Equal(FaultOutcome.Spurious, rig.Handle(Assigned + Small));
        Assert.Equal(FaultOutcome.Fatal, rig.Handle(Assigned));
        using HostRig<OnDemand> splitting = WithAssignedPage<OnDemand>();
        _ = splitting.Handle(Assigned + Small);
        Assert.Equal(FaultOutcome.Spurious, splitting.Handle(Assigned + (2 * Small)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_split_that_finds_no_table_pages_is_fatal_and_leaves_the_map_alone(int spare)
    {
        DirectMapOptions options = new() { MaxTablePages = 2 + spare };
        using HostRig<OnDemand> rig = new(options, 2 * Giant, ModelChoices.Default, [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        _ = rig.Assign(Assigned);
        Assert.Equal(FaultOutcome.Fatal, rig.Handle(Assigned + Small));
        AssertLeaves(rig.Map, 0, 0, 1);
        AssertWork(rig.Map, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void Beside_a_2M_guest_page_there_is_nothing_to_handle()
    {
        using HostRig<OnDemand> rig = new(RangeAt(Giant, Giant));
        _ = rig.Assign(Assigned, PageSize.Size2M);
        Assert.Equal(FaultOutcome.Fatal, rig.Handle(Assigned + (100 * Small)));
        Assert.True(rig.Write(Assigned - Small).IsMapped);
        Assert.True(rig.Write(Assigned + Large).IsMapped);
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    private static void RequireFatal<TPolicy>(ulong address)
        where TPolicy : struct, IDirectMapPolicy
    {
        using HostRig<TPolicy> rig = WithAssignedPage<TPolicy>();
        Assert.Equal(FaultOutcome.Fatal, rig.Handle(address));
        AssertLeaves(rig.Map, 0, 0, 1);
    }

    // The page is assigned without the policy, so that the leaf is whole under every policy.
    private static HostRig<TPolicy> WithAssignedPage<TPolicy>()
        where TPolicy : struct, IDirectMapPolicy
    {
        HostRig<TPolicy> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Table.RmpUpdate(rig.Host.Processor, At(Assigned), HostRig<TPolicy>.Assigning()).IsSuccess);
        return rig;
    }
}
