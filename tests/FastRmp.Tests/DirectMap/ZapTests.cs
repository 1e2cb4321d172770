using System;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Tests.Host;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

/// <summary>guest_memfd's NO_DIRECT_MAP: pages out of the map for their life in the guest.</summary>
public sealed class ZapTests
{
    private const ulong Page = 0x4040_0000;

    [Fact]
    public void The_worked_example_has_its_leaves_tables_and_flushes()
    {
        using HostRig<NoDirectMap> rig = new(RangeAt(Giant, Giant));
        Row(rig, 0, 0, 1, 0, 0, 0, 0);
        Assert.True(rig.Assign(Page).IsDone);
        Row(rig, 512, 511, 0, 0, 2, 2, 1); // the flush of the mark KERNEL_4K is one of its own
        Assert.Equal(SplitStatus.Changed, rig.Map.Zap(At(Page), PageSize.Size4K));
        Row(rig, 512, 511, 0, 1, 2, 2, 2);
        Assert.Equal(SplitStatus.Unchanged, rig.Map.Zap(At(Page), PageSize.Size4K));
        Row(rig, 512, 511, 0, 1, 2, 2, 2);
        Assert.Equal((WalkStatus.NotPresent, 2U), Fault(rig, AccessKind.Write));
        Assert.Equal((WalkStatus.NotPresent, 0U), Fault(rig, AccessKind.Read));
        Assert.Equal(FaultOutcome.NotAnRmpFault, rig.Handle(Page, 2));
        Assert.Equal(SplitStatus.Changed, rig.Map.Restore(RangeAt(Page, Small)));
        Row(rig, 512, 511, 0, 0, 2, 2, 2);
        Assert.Equal((WalkStatus.RmpViolation, 0x8000_0003U), Fault(rig, AccessKind.Write));
        Assert.True(rig.Release(Page).IsDone);
        Row(rig, 512, 511, 0, 0, 2, 2, 2);
        Assert.True(rig.Write(Page).IsMapped);
        Assert.Equal(0UL, Leaf(rig.Map, Page).Value & 0x100); // Global does not come back
        AssertWhole(rig.Map);
    }

    [Theory]
    [InlineData(PageSize.Size2M, false, 0, 512, 0, 1)]
    [InlineData(PageSize.Size2M, true, 512, 511, 0, 2)]
    [InlineData(PageSize.Size1G, false, 0, 0, 1, 0)]
    [InlineData(PageSize.Size1G, true, 262144, 0, 0, 513)]
    public void A_large_folio_is_cleared_in_large_leaves_or_split(
        PageSize folio, bool splits, long leaves4K, long leaves2M, long leaves1G, long tables)
    {
        using HostDirectMap map = Build(
            new DirectMapOptions { Choices = new ModelChoices { ZapSplitsLargeLeaves = splits } }, RangeAt(Giant, Giant));
        long before = map.Statistics.TablePages;
        Assert.Equal(SplitStatus.Changed, map.Zap(At(Page + 0x1234), folio));
        AssertLeaves(map, leaves4K, leaves2M, leaves1G);
        Assert.Equal(
            (tables, 1L, (long)folio.Pages()), (map.Statistics.TablePages - before, map.Statistics.RangedFlushes, map.ZappedPages));
        Assert.False(map.TryGetMapping(At(Page), out _));
        Assert.Equal(SplitStatus.Changed, map.Restore(RangeAt(0, ulong.MaxValue)));
        Assert.Equal(0, map.ZappedPages);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_table_pages_nothing_is_taken_out(int spare)
    {
        using HostDirectMap map = BuildWithSpare(spare, RangeAt(Giant, Giant));
        ulong[] before = Words(map);
        Assert.Equal(SplitStatus.OutOfTablePages, map.Zap(At(Page), PageSize.Size4K));
        Assert.Equal(before, Words(map));
        Assert.Equal(SplitStatus.Changed, map.Zap(At(Page), PageSize.Size1G));
        Assert.Equal(SplitStatus.OutOfTablePages, map.Restore(RangeAt(Page, Small)));
        Assert.Equal((long)PageSize.Size1G.Pages(), map.ZappedPages);
    }

    [Fact]
    public void An_undefined_size_is_misuse_and_holes_are_skipped()
    {
        using HostDirectMap map = Build(RangeAt(Giant, 3 * Small));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Zap(At(Giant), (PageSize)3));
        Assert.Equal(SplitStatus.Unchanged, map.Zap(At(0), PageSize.Size4K));
        Assert.Equal(SplitStatus.Unchanged, map.Zap(At(0xF_FFFF_FFFF_F000), PageSize.Size1G));
        Assert.Equal(SplitStatus.Changed, map.Zap(At(Giant), PageSize.Size1G));
        Assert.Equal(3, map.ZappedPages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_is_removed_at_its_first_mapping_or_allocation_and_restored_when_freed(bool onAllocation)
    {
        using HostRig<NoDirectMap> rig = new(
            new DirectMapOptions { Choices = new ModelChoices { ZapOnAllocation = onAllocation } }, 4 * Giant, ModelChoices.Default,
            [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        GuestPhysicalAddress gpa = GuestPhysicalAddress.Create(Page);
        Assert.True(rig.Host.MakePrivate(At(Page), gpa, PageSize.Size4K, 5).IsDone); // populated at launch
        Assert.Equal(onAllocation ? 1 : 0, rig.Map.ZappedPages);
        Assert.Equal(onAllocation ? 0UL : 0x800UL, Entry(rig.Map, Page, 1).Value & 0x800);
        Assert.Equal(
            KvmAction.Map,
            rig.Host.HandleGuestFault(new NestedPageFaultCode(0x5_0000_0004), gpa, new GuestFrame(true, Page: At(Page)), 5).Action);
        Assert.Equal((1L, 1L), (rig.Map.ZappedPages, rig.Map.Statistics.RangedFlushes - (onAllocation ? 0 : 1)));
        Assert.Equal(1, rig.Host.FreeGuestMemory(RangeAt(Page, Small)).Released);
        Assert.Equal(0, rig.Map.ZappedPages);
        Assert.True(rig.Write(Page).IsMapped);
    }

    [Fact]
    public void Shared_pages_of_a_guest_memfd_go_too_and_other_policies_take_nothing_out()
    {
        GuestFrame shared = new(false, Page: At(Page), SharesGuestMemfd: true);
        GuestFrame ordinary = new(false, Page: At(Page + Small));
        using HostRig<NoDirectMap> rig = new(RangeAt(Giant, Giant));
        _ = rig.Host.HandleGuestFault(new NestedPageFaultCode(0x1_0000_0006), default, ordinary, 5);
        Assert.Equal(0, rig.Map.ZappedPages);
        _ = rig.Host.HandleGuestFault(new NestedPageFaultCode(0x1_0000_0006), default, shared, 5);
        Assert.Equal(1, rig.Map.ZappedPages);
        using HostRig<LevelAware> other = new(RangeAt(Giant, Giant));
        _ = other.Host.HandleGuestFault(new NestedPageFaultCode(0x1_0000_0006), default, shared, 5);
        Assert.Equal(0, other.Map.ZappedPages);
        Assert.Equal((true, false), (Rejoining<NoDirectMap>.TakesOutGuestPages, Rejoining<Eager>.TakesOutGuestPages));
    }

    private static (WalkStatus Status, uint ErrorCode) Fault(HostRig<NoDirectMap> rig, AccessKind kind)
    {
        WalkResult result = rig.Host.Access(At(Page), kind);
        return (result.Status, result.ErrorCode);
    }

    private static void Row(
        HostRig<NoDirectMap> rig, long leaves4K, long leaves2M, long leaves1G, long zapped, long tables, long globalFlushes,
        long rangedFlushes)
    {
        AssertLeaves(rig.Map, leaves4K, leaves2M, leaves1G);
        DirectMapStatistics now = rig.Map.Statistics;
        Assert.Equal(
            (zapped, tables + 2, globalFlushes, rangedFlushes),
            (rig.Map.ZappedPages, now.TablePages, now.GlobalFlushes, now.RangedFlushes));
    }
}
