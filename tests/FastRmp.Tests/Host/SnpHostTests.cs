using System;
using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>The host's RMPUPDATE function: what happens in which order, and the state after a failure.</summary>
public sealed class SnpHostTests
{
    [Fact]
    public void While_SNP_is_off_an_update_is_refused_before_the_split()
    {
        using HostRig<Eager> rig = Off<Eager>(spare: null);
        HostUpdate update = rig.Assign(Giant);
        Assert.Equal(HostUpdateStatus.NotEnabled, update.Status);
        Assert.False(update.IsDone);
        Assert.Equal(-6, update.ErrorNumber);
        Assert.Equal("SEV-SNP: not enabled", update.ToString());
        Assert.Null(update.Instruction);
        AssertLeaves(rig.Map, 0, 0, 1);
        Assert.Equal(default, rig.Entry(Giant));
        Assert.Equal(RmpFault.InvalidOpcode, rig.Host.PSmash(At(Giant)).Fault);
    }

    [Fact]
    public void While_SNP_is_off_no_access_is_checked_and_afterwards_every_one_is()
    {
        using HostRig<Never> rig = Off<Never>(spare: null);
        Assert.True(rig.Table.RmpUpdate(ExecutionState.Host, At(Giant), HostRig<Never>.Assigning()).IsSuccess);
        Assert.False(rig.Host.IsSnpEnabled);
        Assert.True(rig.Write(Giant).IsMapped);
        rig.Host.EnableSnp();
        rig.Host.EnableSnp();
        Assert.True(rig.Host.IsSnpEnabled);
        Assert.Equal(WalkStatus.RmpViolation, rig.Write(Giant).Status);
        Assert.True(rig.Host.Access(At(Giant), AccessKind.Read).IsMapped);
        Assert.True(rig.Assign(Giant + Small).IsDone);
    }

    [Fact]
    public void The_kernel_executes_with_SNP_as_it_is()
    {
        using HostRig<Never> rig = Off<Never>(spare: null);
        Assert.Equal(ExecutionState.Host with { SnpEnabled = false }, rig.Host.Processor);
        rig.Host.EnableSnp();
        Assert.Equal(ExecutionState.Host, rig.Host.Processor);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_failed_split_is_reported_in_the_kernels_words_and_leaves_the_RMP_untouched(int spare)
    {
        using HostRig<LevelAware> rig = Off<LevelAware>(spare);
        rig.Host.EnableSnp();
        HostUpdate update = rig.Assign(0x4040_0000);
        Assert.Equal(HostUpdateStatus.SplitFailed, update.Status);
        Assert.Equal("SEV-SNP: failed to split physical address 0x40400000 (-12)", update.ToString());
        Assert.Equal(-12, update.ErrorNumber);
        Assert.Equal(0x4040_0000UL, update.Page.Value);
        Assert.Equal(default, rig.Entry(0x4040_0000));
        Assert.Equal(0UL, rig.Table.AssignedPages(1));
        AssertLeaves(rig.Map, 0, 0, 1);
        AssertWork(rig.Map, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void A_failed_split_hinders_a_release_too_and_an_update_that_needs_none_does_not_care()
    {
        using HostRig<LevelAware> rig = Off<LevelAware>(0);
        rig.Host.EnableSnp();
        Assert.True(rig.Assign(Giant, PageSize.Size2M).IsDone);
        Assert.True(rig.Host.PSmash(At(Giant)).IsSuccess);
        RmpEntry before = rig.Entry(Giant + Small);
        Assert.Equal(HostUpdateStatus.SplitFailed, rig.Release(Giant + Small).Status);
        Assert.Equal(before, rig.Entry(Giant + Small));
        Assert.True(before.Assigned);
    }

    [Fact]
    public void A_failed_RMPUPDATE_leaves_the_split_in_place()
    {
        using HostRig<LevelAware> rig = new(RangeAt(Giant, Giant));
        HostUpdate update = rig.Host.RmpUpdate(At(Giant), HostRig<LevelAware>.Assigning(asid: 5000));
        Assert.Equal(HostUpdateStatus.UpdateFailed, update.Status);
        Assert.Equal(RmpStatus.FailInput, update.Instruction?.Status);
        Assert.Equal(-14, update.ErrorNumber);
        Assert.Equal("SEV-SNP: RMPUPDATE failed for physical address 0x40000000: 1 FAIL_INPUT", update.ToString());
        Assert.Equal(0, update.Retries);
        AssertLeaves(rig.Map, 512, 511, 0);
        Assert.Equal(default, rig.Entry(Giant));
    }

    [Fact]
    public void A_failed_release_joins_nothing()
    {
        using HostRig<Rejoining<Eager>> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Host.RmpUpdate(At(Giant), HostRig<Rejoining<Eager>>.Assigning() with { Immutable = true }).IsDone);
        HostUpdate update = rig.Release(Giant);
        Assert.Equal(RmpStatus.FailPermission, update.Instruction?.Status);
        AssertLeaves(rig.Map, 512, 511, 0);
    }

    [Fact]
    public void A_page_outside_the_direct_map_is_updated_without_a_split()
    {
        using HostRig<Eager> rig = new(RangeAt(Giant, Giant));
        Assert.True(rig.Assign(3 * Giant).IsDone);
        Assert.True(rig.Entry(3 * Giant).Assigned);
        AssertLeaves(rig.Map, 0, 0, 1);
        Assert.Equal(WalkStatus.NotPresent, rig.Write(3 * Giant).Status);
    }

    [Fact]
    public void A_page_without_an_entry_is_refused_after_its_split_and_stays_writable()
    {
        using HostRig<LevelAware> rig = new(new DirectMapOptions(), covered: Large, ModelChoices.Default, [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        Assert.Equal(RmpStatus.FailInput, rig.Assign(Giant).Instruction?.Status);
        AssertLeaves(rig.Map, 512, 511, 0);
        Assert.True(rig.Write(Giant).IsMapped);
    }

    [Fact]
    public void A_page_that_is_not_ram_is_the_callers_bad_address()
    {
        HostUpdate update = new(HostUpdateStatus.NotRam, At(0x1000), Instruction: null, Retries: 0);
        Assert.Equal((false, -14), (update.IsDone, update.ErrorNumber));
        Assert.Equal($"SEV-SNP: physical address {At(0x1000)} is not RAM (-14)", update.ToString());
    }

    [Fact]
    public void Done_says_nothing()
    {
        using HostRig<Eager> rig = new(RangeAt(Giant, Giant));
        HostUpdate update = rig.Assign(Giant);
        Assert.True(update.IsDone);
        Assert.Equal(0, update.ErrorNumber);
        Assert.Equal($"RMPUPDATE of physical address {update.Page}: done, 0 retries", update.ToString());
        Assert.Equal(RmpResult.Success, update.Instruction);
    }

    [Theory]
    [InlineData(ContentionCode.FailInUse, RetryRule.None, RmpStatus.FailInUse)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.InUse, RmpStatus.FailOverlap)]
    [InlineData(ContentionCode.FailInUse, RetryRule.Overlap, RmpStatus.FailInUse)]
    public void Contention_that_the_rule_does_not_cover_is_returned_at_once(ContentionCode code, RetryRule rule, RmpStatus status)
    {
        ModelChoices choices = ModelChoices.Default with { Contention = code };
        using HostRig<LevelAware> rig = new(new DirectMapOptions(), 2 * Giant, choices, [RangeAt(Giant, Giant)], rule);
        rig.Host.EnableSnp();
        Assert.Equal(rule, rig.Host.Retry);
        Assert.True(rig.Table.TryWriteRaw(At(Giant), new RmpEntry(RmpEntry.LockMask, 0)));
        HostUpdate update = rig.Assign(Giant);
        Assert.Equal(HostUpdateStatus.UpdateFailed, update.Status);
        Assert.Equal(status, update.Instruction?.Status);
        Assert.True(update.Instruction?.IsContention);
        Assert.Equal(0, update.Retries);
    }

    [Fact]
    public void A_host_needs_a_table_and_a_map()
    {
        using HostRig<Never> rig = new(RangeAt(0, Large));
        Assert.Throws<ArgumentNullException>("table", () => new SnpHost<ContiguousGeometry, Never>(null!, rig.Map));
        Assert.Throws<ArgumentNullException>("directMap", () => new SnpHost<ContiguousGeometry, Never>(rig.Table, null!));
    }

    private static HostRig<TPolicy> Off<TPolicy>(int? spare)
        where TPolicy : struct, IDirectMapPolicy =>
        new(
            new DirectMapOptions { MaxTablePages = spare is null ? null : 2 + spare }, 2 * Giant, ModelChoices.Default,
            [RangeAt(Giant, Giant)]);
}
