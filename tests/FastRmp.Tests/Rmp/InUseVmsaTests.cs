using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>The save area of a running VCPU: its entry as a kernel printed it, and what everybody makes of it. Both models at every
/// step.</summary>
public sealed class InUseVmsaTests
{
    private const ulong S = 0x20_1000;
    private const ulong Gpa = 0x14_4000;
    private const ulong Real = 0xFFF0_0000_0014_4001;

    [Fact]
    public void The_entry_is_the_one_that_was_seen_on_hardware_and_VMEXIT_restores_it()
    {
        using ModelPair pair = new(2, ProcessorModel.Milan, ModelChoices.Default);
        Make(pair);
        RmpEntry before = pair.Raw(S);
        Assert.Equal(VmRunResult.Ok, pair.VmRun(VmRunPage.SnpVmsa, S, 5, Gpa, enter: true));
        Assert.Equal(Real, pair.Raw(S).Low);
        Assert.Equal(before.High, pair.Raw(S).High);
        Assert.True(pair.Raw(S).IsInUseVmsa);
        Assert.Equal(PageState.GuestValid, pair.StateOf(S));
        pair.CompareCounter(5);
        Assert.Equal(1UL, pair.Table.AssignedPages(5));
        Assert.Equal(RmpResult.Fail(RmpStatus.FailInUse), pair.Update(S, Operands.Release()));
        RmpLookup found = pair.Table.Lookup(At(S));
        Assert.True(found is { IsSettled: true, IsAssigned: true, Entry.Asid: RmpEntry.InUseAsid });
        pair.MarkInUse(S, more: false);
        Assert.Equal(before, pair.Raw(S));
        Assert.True(pair.Update(S, Operands.Release()).IsSuccess);
    }

    [Fact]
    public void Only_its_guest_continues_to_run()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        Make(pair);
        pair.MarkInUse(S, more: true);
        NestedPage page = new(GuestPhysicalAddress.Create(Gpa + 8), At(S + 8), PageSize.Size4K);
        Assert.True(pair.GuestAccess(new GuestAccess(5, 0, 0, GuestAccessKind.Write, IsPrivate: true), page).IsSuccess);
        Assert.Equal(
            RmpFault.NestedPageFault, pair.GuestAccess(new GuestAccess(6, 0, 0, GuestAccessKind.Read, IsPrivate: true), page).Fault);
        Assert.Equal(
            RmpFault.NestedPageFault,
            pair.GuestAccess(new GuestAccess(RmpEntry.InUseAsid, 0, 0, GuestAccessKind.Read, IsPrivate: true), page).Fault);
        GuestResult foreign = pair.Validate(ExecutionState.Guest(6), page, PageSize.Size4K, validate: true);
        Assert.True(foreign is { Fault: RmpFault.NestedPageFault, IsContention: false });
        Assert.True(pair.Validate(ExecutionState.Guest(5), page, PageSize.Size4K, validate: true) is { IsSuccess: true, CarryFlag: true });
        Assert.True(pair.Query(ExecutionState.Guest(5), page, 1, out RmpQueryOutput told).IsSuccess && told.IsVmsa);
        // no save area any more, and still in use
        Assert.True(pair.Adjust(ExecutionState.Guest(5), page, PageSize.Size4K, new RmpAdjustOperand(0x0_0701)).IsSuccess);
        Assert.True(pair.Raw(S) is { IsInUseVmsa: true, Vmsa: false });
        Assert.Equal(VmRunResult.Invalid, pair.VmRun(VmRunPage.SnpVmsa, S, 5, Gpa, enter: true));
        pair.MarkInUse(S, more: false);
        Assert.True(pair.Raw(S) is { Asid: 5, Lock: false, Vmsa: false });
        pair.CompareAll();
    }

    [Theory]
    [InlineData(false, false, RmpStatus.FailInUse)]
    [InlineData(true, false, RmpStatus.FailPermission)]
    [InlineData(true, true, RmpStatus.FailInUse)]
    public void An_immutable_base_that_blocks_its_region_answers_before_the_use_does(bool blocks, bool lockFirst, RmpStatus expected)
    {
        ModelChoices choices = ModelChoices.Default with { ImmutableBaseBlocksRegion = blocks, LockBeforeImmutable = lockFirst };
        using ModelPair pair = new(2, ProcessorModel.Genoa, choices);
        Make(pair);
        Assert.True(pair.Update(S - 0x1000, Operands.Assign(0, 0, immutable: true)).IsSuccess);
        pair.MarkInUse(S, more: true);
        Assert.Equal(RmpResult.Fail(expected), pair.Update(S, Operands.Release()));
        pair.CompareAll();
    }

    [Fact]
    public void Several_VCPUs_hold_it_until_the_last_leaves()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        Make(pair);
        for (int i = 0; i < 3; i++) Assert.Equal(VmRunResult.Ok, pair.VmRun(VmRunPage.SnpVmsa, S, 5, Gpa, enter: true));
        Assert.Equal(VmRunResult.Invalid, pair.VmRun(VmRunPage.SnpVmsa, S, 6, Gpa, enter: true));
        Assert.Equal(VmRunResult.Ok, pair.VmRun(VmRunPage.SnpVmsa, S, 5, Gpa, enter: false));
        for (int i = 0; i < 3; i++)
        {
            Assert.True(pair.Raw(S).IsInUseVmsa);
            pair.MarkInUse(S, more: false);
        }

        Assert.False(pair.Raw(S).IsInUseVmsa);
        Assert.False(pair.Table.TryUnmarkInUse(At(S)));
    }

    [Theory]
    [InlineData(false, RmpEntry.InUseAsid)]
    [InlineData(true, 5U)]
    public void RMPREAD_shows_the_mark_or_by_choice_the_owner(bool showsOwner, uint asid)
    {
        using ModelPair pair = new(2, ProcessorModel.Turin, ModelChoices.Default with { RmpReadShowsOwnerOfVmsa = showsOwner });
        Make(pair);
        pair.MarkInUse(S, more: true);
        Assert.True(pair.Read(ExecutionState.Host, S, out RmpReadOutput output).IsSuccess);
        Assert.Equal((asid, Gpa, true), (output.Asid, output.Gpa, output.Assigned));
    }

    [Fact]
    public void By_choice_its_guest_has_lost_it_while_it_is_in_use()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default with { InUseVmsaIsNotGuestOwned = true });
        Make(pair);
        pair.MarkInUse(S, more: true);
        NestedPage page = new(GuestPhysicalAddress.Create(Gpa), At(S), PageSize.Size4K);
        Assert.Equal(
            RmpFault.NestedPageFault, pair.GuestAccess(new GuestAccess(5, 0, 0, GuestAccessKind.Read, IsPrivate: true), page).Fault);
        Assert.Equal(RmpFault.NestedPageFault, pair.Validate(ExecutionState.Guest(5), page, PageSize.Size4K, validate: true).Fault);
        Assert.Equal(RmpFault.NestedPageFault, pair.Query(ExecutionState.Guest(5), page, 1, out _).Fault);
        pair.MarkInUse(S, more: false);
        Assert.True(pair.Validate(ExecutionState.Guest(5), page, PageSize.Size4K, validate: true).IsSuccess);
    }

    [Fact]
    public void In_a_dump_the_owner_is_not_known_and_the_mark_stays()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Poke(S, Real, 0x0F);
        pair.Poke(0x20_0000, 0x8, 0);
        NestedPage page = new(GuestPhysicalAddress.Create(Gpa), At(S), PageSize.Size4K);
        for (uint asid = 1; asid <= RmpEntry.LockAsid; asid++)
        {
            Assert.Equal(RmpFault.NestedPageFault, pair.Validate(ExecutionState.Guest(asid), page, PageSize.Size4K, validate: true).Fault);
        }

        Assert.True(pair.Table.IsInUse(At(S)));
        Assert.False(pair.Table.TryUnmarkInUse(At(S)));
        pair.MarkInUse(S, more: true);
        pair.MarkInUse(S, more: false);
        Assert.Equal(new RmpEntry(Real, 0x0F), pair.Raw(S));
        Assert.Equal(RmpResult.Fail(RmpStatus.FailInUse), pair.Update(S, Operands.Release()));
        Assert.Equal(RmpResult.Fail(RmpStatus.FailOverlap), pair.Update(0x20_0000, Operands.Assign(0, 5, PageSize.Size2M)));
    }

    [Theory]
    [InlineData(false, RmpStatus.FailInUse)]
    [InlineData(true, RmpStatus.Success)]
    public void A_large_update_looks_at_all_pages_of_the_hypervisor_or_by_choice_at_the_first(bool first, RmpStatus status)
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default with { LargeUpdateLooksAtFirstPageAlone = first });
        pair.MarkInUse(S, more: true);
        Assert.Equal(status, pair.Update(0x20_0000, Operands.Assign(0, 5, PageSize.Size2M)).Status);
        pair.CompareAll();
    }

    [Fact]
    public void The_census_of_such_a_table_knows_the_pages_and_names_no_ASID()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        Make(pair);
        pair.MarkInUse(S, more: true);
        RmpCensus census = new();
        for (ulong region = 0; region < 2; region++)
        {
            census.Add(At(region * ModelPair.RegionBytes), pair.Table.Region(At(region * ModelPair.RegionBytes)));
        }

        ulong[] counters = new ulong[2048];
        counters[5] = pair.Table.AssignedPages(5);
        census.CompareCounters(counters);
        Assert.True(census.IsConsistent);
        Assert.Equal(
            (1UL, 0UL, 0UL, 1UL), (census.InUseVmsaPages, census.PagesOf(5), census.PagesOf(RmpEntry.InUseAsid), census.AssignedPages));
        counters[6] = 1;
        RmpCensus other = new();
        for (ulong region = 0; region < 2; region++)
        {
            other.Add(At(region * ModelPair.RegionBytes), pair.Table.Region(At(region * ModelPair.RegionBytes)));
        }

        other.CompareCounters(counters);
        Assert.Equal(2UL, other.FindingsOf(RmpCensusFindingKind.AsidCounter)); // one page too many for one save area
    }

    private static void Make(ModelPair pair)
    {
        Assert.True(pair.Update(S, Operands.Assign(Gpa, 5)).IsSuccess);
        NestedPage page = new(GuestPhysicalAddress.Create(Gpa), At(S), PageSize.Size4K);
        Assert.True(pair.Validate(ExecutionState.Guest(5), page, PageSize.Size4K, validate: true).IsSuccess);
        Assert.True(pair.Adjust(ExecutionState.Guest(5), page, PageSize.Size4K, new RmpAdjustOperand(0x1_0101)).IsSuccess);
    }
}
