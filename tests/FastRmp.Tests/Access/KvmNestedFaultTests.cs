using System;
using FastRmp.DirectMap;
using FastRmp.Tests.Host;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>KVM's verdicts on nested page faults: every row and every branch, foretold and done.</summary>
public sealed class KvmNestedFaultTests
{
    private const ulong Page = 0x4000_0000UL;
    private const ulong Gpa = 0x1_2345_6789UL;
    private const ulong Frame = 0x1_2345_6000UL;
    private const ulong PrivateTouch = 0x5_0000_0004UL;
    private const ulong SharedWrite = 0x1_0000_0006UL;
    private const ulong Violation = 0x5_8000_0007UL;
    private const ulong SizeMismatch = 0xC_8000_0005UL;

    private static readonly GuestFrame Private = new(IsPrivate: true, Page: PhysicalAddress.Create(Page));
    private static readonly GuestFrame Shared = new(IsPrivate: false, Page: PhysicalAddress.Create(Page));

    [Theory]
    [InlineData(PrivateTouch, true, false, KvmAction.Map, 0UL, FaultOutcome.NotAnRmpFault, true)]
    [InlineData(PrivateTouch, true, true, KvmAction.Map, 0UL, FaultOutcome.NotAnRmpFault, true)]
    [InlineData(PrivateTouch, false, false, KvmAction.MemoryFault, 8UL, FaultOutcome.NotAnRmpFault, false)]
    [InlineData(SharedWrite, true, false, KvmAction.MemoryFault, 0UL, FaultOutcome.NotAnRmpFault, false)]
    [InlineData(SharedWrite, true, true, KvmAction.MemoryFault, 0UL, FaultOutcome.NotAnRmpFault, true)]
    [InlineData(SharedWrite, false, false, KvmAction.Map, 0UL, FaultOutcome.NotAnRmpFault, false)]
    [InlineData(0x1_8000_0007UL, false, true, KvmAction.Map, 0UL, FaultOutcome.NotPrivate, true)]
    [InlineData(Violation, true, true, KvmAction.Map, 0UL, FaultOutcome.Spurious, true)]
    // the first touch, if it were reported without ENC
    [InlineData(0x4UL + 0x1_0000_0000UL, true, false, KvmAction.MemoryFault, 0UL, FaultOutcome.NotAnRmpFault, false)]
    public void A_row_of_the_table(
        ulong code, bool isPrivate, bool isAssigned, KvmAction action, ulong flags, FaultOutcome rmp, bool isAssignedAfter)
    {
        using HostRig<LevelAware> rig = new(Ram());
        if (isAssigned) Assert.True(rig.Assign(Page).IsDone);
        KvmFaultResult verdict = Both(rig, code, isPrivate ? Private : Shared);
        Assert.Equal((action, flags, rmp), (verdict.Action, verdict.ExitFlags, verdict.Rmp));
        Assert.Equal(action == KvmAction.MemoryFault ? 4096UL : 0, verdict.ExitSize);
        Assert.Equal(action == KvmAction.MemoryFault ? -14 : 0, verdict.ErrorNumber);
        Assert.Equal(Frame, verdict.Frame.Value);
        Assert.Equal(isAssignedAfter, rig.Table.Lookup(PhysicalAddress.Create(Page)).IsAssigned);
        Assert.Equal(rmp == FaultOutcome.NotPrivate, verdict.WarnsOfRmp);
        Assert.Equal(0, verdict.ZappedFrames);
    }

    [Theory]
    [InlineData(SizeMismatch)]
    [InlineData(Violation)]
    public void A_violation_on_an_RMP_page_of_2_MiB_is_answered_by_PSMASH_and_zap(ulong code)
    {
        using HostRig<LevelAware> rig = new(Ram());
        Assert.True(rig.Assign(Page, PageSize.Size2M).IsDone);
        GuestFrame frame = Private with { Page = PhysicalAddress.Create(Page + 0x3000), FolioSize = PageSize.Size2M };
        KvmFaultResult verdict = Both(rig, code, frame);
        Assert.Equal(
            (KvmAction.Map, FaultOutcome.Smashed, 512, false), (verdict.Action, verdict.Rmp, verdict.ZappedFrames, verdict.WarnsOfRmp));
        Assert.Equal(PageSize.Size2M, verdict.MappingSize); // made before the RMP is looked at; the zap drops it
        Assert.Equal(PageSize.Size4K, rig.Table.Lookup(PhysicalAddress.Create(Page)).Size);
        Assert.Equal(FaultOutcome.Spurious, Both(rig, code, frame).Rmp);
    }

    [Fact]
    public void A_refused_PSMASH_is_logged_as_a_warning_and_the_mappings_are_zapped_all_the_same()
    {
        using HostRig<LevelAware> rig = new(Ram());
        Assert.True(
            rig.Host.RmpUpdate(
                PhysicalAddress.Create(Page), HostRig<LevelAware>.Assigning(PageSize.Size2M) with { Immutable = true }).IsDone);
        KvmFaultResult verdict = Both(rig, Violation, Private);
        Assert.Equal((FaultOutcome.SmashFailed, 512, true), (verdict.Rmp, verdict.ZappedFrames, verdict.WarnsOfRmp));
    }

    [Theory]
    [InlineData(0x5_0000_000DUL, true, KvmAction.Warning, -14)]
    [InlineData(0x1_0000_000DUL, true, KvmAction.Mmio, 0)]
    [InlineData(0x5_0000_000DUL, false, KvmAction.Mmio, 0)]
    [InlineData(0x5_8000_000DUL, true, KvmAction.Warning, -14)]
    public void A_reserved_bit_is_a_device_unless_the_access_is_private(ulong code, bool isSnpGuest, KvmAction action, int error)
    {
        using HostRig<LevelAware> rig = new(Ram());
        foreach (GuestFrame frame in new[] { Private, Shared })
        {
            KvmFaultResult verdict = KvmFaultResult.Predict(
                rig.Table, new NestedPageFaultCode(code), GuestPhysicalAddress.Create(Gpa), frame, isSnpGuest);
            Assert.Equal((action, error, FaultOutcome.NotAnRmpFault), (verdict.Action, verdict.ErrorNumber, verdict.Rmp));
            if (isSnpGuest) Assert.Equal(verdict, Both(rig, code, frame));
        }
    }

    [Fact]
    public void A_guest_without_SNP_has_no_private_accesses()
    {
        using HostRig<LevelAware> rig = new(Ram());
        KvmFaultResult verdict = KvmFaultResult.Predict(
            rig.Table, new NestedPageFaultCode(Violation), GuestPhysicalAddress.Create(Gpa), Shared, isSnpGuest: false);
        Assert.Equal((KvmAction.Map, false, FaultOutcome.NotAnRmpFault), (verdict.Action, verdict.IsPrivate, verdict.Rmp));
        verdict = KvmFaultResult.Predict(
            rig.Table, new NestedPageFaultCode(PrivateTouch), GuestPhysicalAddress.Create(Gpa), Private, isSnpGuest: false);
        Assert.Equal((KvmAction.MemoryFault, 0UL), (verdict.Action, verdict.ExitFlags));
    }

    [Fact]
    public void A_page_that_cannot_be_had_is_a_memory_fault_with_the_guests_view()
    {
        using HostRig<LevelAware> rig = new(Ram());
        foreach (GuestFrame frame in new[]
        {
            Private with { HasGuestMemfd = false }, Private with { Page = null },
            Private with { Page = PhysicalAddress.Create(0xF_FFFF_FFFF_F000UL) },
        })
        {
            KvmFaultResult verdict = Both(rig, Violation, frame);
            Assert.Equal((KvmAction.MemoryFault, 8UL, FaultOutcome.NotAnRmpFault), (verdict.Action, verdict.ExitFlags, verdict.Rmp));
        }

        GuestFrame inPlace = Shared with { SharesGuestMemfd = true };
        Assert.Equal(KvmAction.Map, Both(rig, SharedWrite, inPlace).Action);
        Assert.Equal(KvmAction.MemoryFault, Both(rig, SharedWrite, inPlace with { Page = null }).Action);
        Assert.Equal(
            (KvmAction.MemoryFault, 0UL),
            (
                Both(rig, SharedWrite, inPlace with { HasGuestMemfd = false }).Action,
                Both(rig, SharedWrite, inPlace with { HasGuestMemfd = false }).ExitFlags));
        Assert.Equal(KvmAction.Map, Both(rig, SharedWrite, Shared with { HasGuestMemfd = false, Page = null }).Action); // ordinary memory
    }

    [Theory]
    [InlineData(PageSize.Size4K, PageSize.Size1G, PageSize.Size4K, PageSize.Size4K)]
    [InlineData(PageSize.Size2M, PageSize.Size1G, PageSize.Size2M, PageSize.Size2M)]
    [InlineData(PageSize.Size2M, PageSize.Size4K, PageSize.Size2M, PageSize.Size4K)]
    [InlineData(PageSize.Size1G, PageSize.Size1G, PageSize.Size2M, PageSize.Size2M)]
    public void The_mapping_is_the_smallest_of_folio_RMP_and_equal_attributes(PageSize folio, PageSize even, PageSize rmp, PageSize mapping)
    {
        using HostRig<LevelAware> rig = new(Ram());
        KvmFaultResult verdict = Both(rig, PrivateTouch, Private with { FolioSize = folio, EvenSize = even });
        Assert.Equal(mapping, verdict.MappingSize);
        Assert.Equal(rmp, rig.Table.Lookup(PhysicalAddress.Create(Page)).Size);
        Assert.Equal(folio < even ? folio : even, Both(rig, SharedWrite, Shared with { FolioSize = folio, EvenSize = even }).MappingSize);
    }

    [Fact]
    public void A_folio_of_2_MiB_is_assigned_in_pieces_beside_an_assigned_page()
    {
        using HostRig<LevelAware> rig = new(Ram());
        Assert.True(rig.Assign(Page + 0x8000).IsDone);
        KvmFaultResult verdict = Both(rig, PrivateTouch, Private with { FolioSize = PageSize.Size2M });
        Assert.Equal(PageSize.Size4K, verdict.MappingSize);
        Assert.Equal((Frame, 1U, false), (rig.Entry(Page).Gpa.Value, (uint)rig.Entry(Page).Asid, rig.Entry(Page).Immutable));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(255)]
    public void A_frame_with_an_undefined_size_is_misuse(int size)
    {
        using HostRig<LevelAware> rig = new(Ram());
        Assert.Throws<ArgumentOutOfRangeException>("frame", () => Both(rig, PrivateTouch, Private with { FolioSize = (PageSize)size }));
        Assert.Throws<ArgumentOutOfRangeException>("frame", () => Both(rig, PrivateTouch, Private with { EvenSize = (PageSize)size }));
        Assert.Throws<ArgumentOutOfRangeException>(
            "frame", () => rig.Host.HandleGuestFault(default, default, Private with { EvenSize = (PageSize)size }, 1));
        Assert.Throws<ArgumentOutOfRangeException>("folioSize", () => rig.Host.MakePrivate(default, default, (PageSize)size, 1));
        Assert.Throws<ArgumentNullException>(
            "table", static () => KvmFaultResult.Predict<ContiguousGeometry>(null!, default, default, default));
    }

    [Fact]
    public void A_verdict_allocates_nothing()
    {
        using HostRig<LevelAware> rig = new(Ram());
        int rest = 0;
        Allocations.RequireNone(
            () => rest += Both(rig, Violation, Private).ZappedFrames + (int)Both(rig, PrivateTouch, Shared).ExitFlags, rounds: 1);
        Assert.NotEqual(0, rest);
    }

    // What is foretold is what is then done.
    private static KvmFaultResult Both(HostRig<LevelAware> rig, ulong code, in GuestFrame frame)
    {
        KvmFaultResult foretold = KvmFaultResult.Predict(rig.Table, new NestedPageFaultCode(code), GuestPhysicalAddress.Create(Gpa), frame);
        KvmFaultResult done = rig.Host.HandleGuestFault(new NestedPageFaultCode(code), GuestPhysicalAddress.Create(Gpa), frame, asid: 1);
        if (foretold != done) Assert.Fail($"{foretold}\n{done}");
        return done;
    }

    private static PhysicalRange Ram() => new(default, 0x2_0000_0000);
}
