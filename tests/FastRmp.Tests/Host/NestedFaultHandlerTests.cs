using System;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.DirectMap;
using FastRmp.Layouts;
using FastRmp.Rmp;
using Xunit;
using static FastRmp.Tests.DirectMap.MapProbe;

namespace FastRmp.Tests.Host;

/// <summary>What the host does about a guest's nested page fault.</summary>
public sealed class NestedFaultHandlerTests
{
    private const ulong Page = 0x4000_0000UL;
    private const ulong Gpa = 0x1_0000_0000UL;
    private const ulong SizeMismatch = 0xC_8000_0005UL; // as a real log shows it
    private const ulong PrivateWrite = 0x5_8000_0007UL;

    [Fact]
    public void A_fault_without_the_RMP_bit_is_not_the_handlers()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        Assert.Equal(NestedFaultOutcome.NotAnRmpFault, Handle(rig, Page, 0x1_0000_0007, PageSize.Size4K));
        Assert.Equal(PageSize.Size2M, rig.Table.Lookup(At(Page)).Size);
    }

    [Theory]
    [InlineData(SizeMismatch, PageSize.Size2M)]
    [InlineData(SizeMismatch, PageSize.Size4K)]
    [InlineData(PrivateWrite, PageSize.Size4K)]
    public void A_large_page_that_is_wanted_in_pieces_is_smashed_once(ulong code, PageSize nested)
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        Assert.Equal(NestedFaultOutcome.Smashed, Handle(rig, Page + 0x7123, code, nested));
        Assert.Equal(Gpa + 0x7000, rig.Entry(Page + 0x7000).Gpa.Value);
        Assert.Equal(NestedFaultOutcome.Spurious, Handle(rig, Page + 0x7123, code, nested));
    }

    [Fact]
    public void A_large_mapping_of_a_large_page_is_not_cured_by_smashing()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        Assert.Equal(NestedFaultOutcome.NotCurable, Handle(rig, Page, PrivateWrite, PageSize.Size2M));
        Assert.Equal(NestedFaultOutcome.NotCurable, Handle(rig, Page, PrivateWrite, PageSize.Size1G));
        Assert.Equal(PageSize.Size2M, rig.Table.Lookup(At(Page)).Size);
    }

    [Fact]
    public void A_page_that_is_not_assigned_is_the_memory_managers()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.Equal(NestedFaultOutcome.NotAssigned, Handle(rig, Page, PrivateWrite, PageSize.Size4K));
        Assert.Equal(NestedFaultOutcome.NotAssigned, Handle(rig, 0xF_FFFF_FFFF_F000UL, PrivateWrite, PageSize.Size4K));
    }

    [Fact]
    public void A_page_that_PSMASH_refuses_is_told()
    {
        using HostRig<Eager> rig = new(Ram());
        RmpUpdateOperand immutable = HostRig<Eager>.Assigning(PageSize.Size2M).WithImmutable(true);
        Assert.True(rig.Host.RmpUpdate(At(Page), immutable).IsDone);
        Assert.Equal(NestedFaultOutcome.SmashFailed, Handle(rig, Page, SizeMismatch, PageSize.Size2M));
    }

    [Fact]
    public void The_guests_instruction_that_faulted_succeeds_when_repeated()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        NestedTranslation large = new(GuestPhysicalAddress.Create(Gpa + 0x7000), At(Page + 0x7000), PageSize.Size2M);
        GuestResult first = rig.Table.PValidate(ExecutionState.Guest(1), large, PageSize.Size4K, validate: true);
        Assert.Equal(SizeMismatch, first.ExitInfo1.Value);
        Assert.Equal(NestedFaultOutcome.Smashed, rig.Host.HandleNestedPageFault(large.Spa, first.ExitInfo1, large.NestedSize));
        NestedTranslation small = large with { NestedSize = PageSize.Size4K };
        Assert.True(rig.Table.PValidate(ExecutionState.Guest(1), small, PageSize.Size4K, validate: true).IsSuccess);
        Assert.True(RmpCheck.Guest(rig.Table, new GuestAccess(1, 0, 0, GuestAccessKind.Write, IsPrivate: true), small).IsSuccess);
    }

    [Fact]
    public void The_retries_of_a_page_that_somebody_holds_are_bounded()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        RmpEntry held = rig.Entry(Page);
        Assert.True(rig.Table.TryWriteRaw(At(Page), held.WithLock(true)));
        RmpResult result = PSmashRetry.Execute(rig.Table, ExecutionState.Host, At(Page), 17, out long retries);
        Assert.True(result.IsContention);
        Assert.Equal(RmpStatus.FailInUse, result.Status);
        Assert.Equal(17, retries);
        Assert.Throws<ArgumentNullException>("table", static () => PSmashRetry.Execute<ContiguousGeometry>(null!, ExecutionState.Host, default, 0, out _));
    }

    private static NestedFaultOutcome Handle(HostRig<Eager> rig, ulong page, ulong code, PageSize nested) => rig.Host.HandleNestedPageFault(At(page), new NestedPageFaultCode(code), nested);

    private static PhysicalRange Ram() => new(default, 0x2_0000_0000);
}
