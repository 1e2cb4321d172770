using System;
using FastRmp.DirectMap;
using Xunit;

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
        Assert.Equal(FaultOutcome.NotAnRmpFault, Handle(rig, Page, 0x1_0000_0007));
        Assert.Equal(PageSize.Size2M, rig.Table.Lookup(At(Page)).Size);
    }

    [Theory]
    [InlineData(SizeMismatch)]
    [InlineData(PrivateWrite)]
    [InlineData(0x8000_0000UL)]
    [InlineData(0x15_8000_0007UL)] // a VMPL: PSMASH does not cure it, and KVM does not look
    public void A_large_page_is_smashed_once_whatever_the_code_says(ulong code)
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        Assert.Equal(FaultOutcome.Smashed, Handle(rig, Page + 0x7123, code));
        Assert.Equal(Gpa + 0x7000, rig.Entry(Page + 0x7000).Gpa.Value);
        Assert.Equal(FaultOutcome.Spurious, Handle(rig, Page + 0x7123, code));
    }

    [Fact]
    public void A_page_that_is_not_assigned_is_the_memory_managers()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.Equal(FaultOutcome.NotAssigned, Handle(rig, Page, PrivateWrite));
        Assert.Equal(FaultOutcome.NotAssigned, Handle(rig, 0xF_FFFF_FFFF_F000UL, PrivateWrite));
    }

    [Fact]
    public void A_page_that_PSMASH_refuses_is_reported()
    {
        using HostRig<Eager> rig = new(Ram());
        RmpUpdateOperand immutable = HostRig<Eager>.Assigning(PageSize.Size2M) with { Immutable = true };
        Assert.True(rig.Host.RmpUpdate(At(Page), immutable).IsDone);
        Assert.Equal(FaultOutcome.SmashFailed, Handle(rig, Page, SizeMismatch));
    }

    [Fact]
    public void The_guests_instruction_that_faulted_succeeds_when_repeated()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        NestedPage large = new(GuestPhysicalAddress.Create(Gpa + 0x7000), At(Page + 0x7000), PageSize.Size2M);
        GuestResult first = rig.Table.PValidate(ExecutionState.Guest(1), large, PageSize.Size4K, validate: true);
        Assert.Equal(SizeMismatch, first.ExitInfo1.Value);
        Assert.Equal(FaultOutcome.Smashed, rig.Host.HandleNestedPageFault(large.Spa, first.ExitInfo1));
        NestedPage small = large with { NestedSize = PageSize.Size4K };
        Assert.True(rig.Table.PValidate(ExecutionState.Guest(1), small, PageSize.Size4K, validate: true).IsSuccess);
        Assert.True(RmpCheck.Guest(rig.Table, new GuestAccess(1, 0, 0, GuestAccessKind.Write, IsPrivate: true), small).IsSuccess);
    }

    [Fact]
    public void The_retries_of_a_locked_page_are_bounded()
    {
        using HostRig<Eager> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        RmpEntry held = rig.Entry(Page);
        Assert.True(rig.Table.TryWriteRaw(At(Page), held with { Lock = true }));
        RmpResult result = rig.Table.PSmash(ExecutionState.Host, At(Page), 17, out long retries);
        Assert.True(result.IsContention);
        Assert.Equal(RmpStatus.FailInUse, result.Status);
        Assert.Equal(17, retries);
        Assert.Throws<ArgumentNullException>(
            "instructions", static () => HostInstructions.PSmash<IHostInstructions>(null!, ExecutionState.Host, default, 0, out _));
    }

    private static FaultOutcome Handle(HostRig<Eager> rig, ulong page, ulong code) =>
        rig.Host.HandleNestedPageFault(At(page), new NestedPageFaultCode(code));

    private static PhysicalRange Ram() => new(default, 0x2_0000_0000);
}
