using System;
using FastRmp.Paging;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>ENC of EXITINFO1: the codes of an SNP guest that the manual's rule gives, whether or not the RMP has to do with them.</summary>
public sealed class NestedEncryptionTests
{
    private const ulong EncryptionBit = 1UL << 51;
    private const ulong Enc = 1UL << 34;
    private const ulong Reserved = 0x2000UL;

    [Theory]
    [InlineData(AccessKind.Read, true, TableTree.P, 0x5_0000_0004UL)]
    [InlineData(AccessKind.Read, false, TableTree.P, 0x1_0000_0004UL)]
    [InlineData(AccessKind.Write, true, TableTree.P, 0x5_0000_0006UL)]
    [InlineData(AccessKind.Write, false, TableTree.P, 0x1_0000_0006UL)]
    [InlineData(AccessKind.Write, true, TableTree.W, 0x5_0000_0007UL)]
    [InlineData(AccessKind.Write, false, TableTree.W, 0x1_0000_0007UL)]
    [InlineData(AccessKind.Fetch, true, TableTree.P, 0x5_0000_0014UL)]
    [InlineData(AccessKind.Fetch, false, TableTree.P, 0x5_0000_0014UL)] // always private
    [InlineData(AccessKind.Fetch, true, TableTree.NX, 0x5_0000_0015UL)]
    [InlineData(AccessKind.Read, true, TableTree.U, 0x5_0000_0005UL)]
    [InlineData(AccessKind.Read, false, TableTree.U, 0x1_0000_0005UL)]
    [InlineData(AccessKind.Read, true, TableTree.PS | Reserved, 0x5_0000_000DUL)]
    [InlineData(AccessKind.Read, false, TableTree.PS | Reserved, 0x1_0000_000DUL)]
    public void A_fault_on_the_page_reports_the_C_bit_of_the_access(AccessKind kind, bool isPrivate, ulong flipped, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        if (!isPrivate) setup.Memory[setup.GuestEntry(va, 1).Address] &= ~EncryptionBit;
        NestedPagingState state = new(setup.GuestState(smep: false), setup.HostState(), isSnpGuest: true);
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead, state).Gpa.Value;
        setup.Memory[setup.HostEntry(gpa, flipped > TableTree.NX / 2 || flipped <= TableTree.U ? 1 : 2)] ^= flipped;
        NestedWalkResult result = setup.Translate(va, new MemoryAccess(kind), state);
        Assert.Equal((NestedWalkStatus.NestedPageFault, code), (result.Status, result.ExitInfo1.Value));
        Assert.Equal((code & Enc) != 0, result.IsPrivate);

        // A guest of the SEV family that is not an SNP guest does not report ENC, unless chosen otherwise.
        NestedPagingState sev = new(setup.GuestState(smep: false), setup.HostState());
        Assert.Equal(code & ~Enc, setup.Translate(va, new MemoryAccess(kind), sev).ExitInfo1.Value);
        NestedPagingState chosen = new(
            setup.GuestState(smep: false), setup.HostState(), choices: new ModelChoices { ReportEncryptionOfSevGuests = true });
        Assert.Equal(code, setup.Translate(va, new MemoryAccess(kind), chosen).ExitInfo1.Value);
    }

    [Theory]
    [InlineData(TableTree.P, 1, 0x6_0000_0006UL)]
    [InlineData(TableTree.W, 1, 0x6_0000_0007UL)]
    [InlineData(TableTree.U, 1, 0x6_0000_0007UL)]
    [InlineData(TableTree.PS | Reserved, 2, 0x6_0000_000FUL)]
    public void A_fault_on_a_guests_table_is_private_whatever_its_entries_say(ulong flipped, int level, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        (ulong address, ulong gpa) = setup.GuestEntry(va, 4);
        setup.Memory[address] &= ~EncryptionBit;
        setup.Memory[setup.HostEntry(gpa, level)] ^= flipped;
        Assert.Equal(code, setup.Translate(va, MemoryAccess.KernelRead).ExitInfo1.Value);
        Assert.Equal(
            code & ~Enc,
            setup.Translate(va, MemoryAccess.KernelRead, new NestedPagingState(setup.GuestState(), setup.HostState())).ExitInfo1.Value);
    }

    [Fact]
    public void Virtual_TOM_decides_in_place_of_the_leafs_bit()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        for (int level = 4; level >= 1; level--)
        {
            setup.Memory[setup.GuestEntry(va, level).Address] &= ~EncryptionBit;
        }

        setup.Memory[setup.HostEntry(gpa, 1)] = 0;
        NestedPagingState below = new(
            setup.GuestState(), setup.HostState(), GuestPhysicalAddress.Create((gpa + 0x1000) & ~0xFFFUL), isSnpGuest: true);
        NestedPagingState above = new(setup.GuestState(), setup.HostState(), GuestPhysicalAddress.Create(gpa & ~0xFFFUL), isSnpGuest: true);
        Assert.Equal(0x5_0000_0004UL, setup.Translate(va, MemoryAccess.KernelRead, below).ExitInfo1.Value);
        Assert.Equal(0x1_0000_0004UL, setup.Translate(va, MemoryAccess.KernelRead, above).ExitInfo1.Value);
    }

    [Theory]
    [InlineData(false, 0x6_8000_0007UL)]
    [InlineData(true, 0x2_8000_0007UL)]
    public void A_nested_table_that_the_walker_may_not_mark_reports_the_access_too(bool hides, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        setup.Pair.Poke(setup.HostRoot, 1UL, 0); // assigned: not the hypervisor's
        NestedPagingState state = new(
            setup.GuestState(), setup.HostState(), isSnpGuest: true,
            choices: new ModelChoices { HideEncryptionOfNestedTableWrites = hides });
        NestedWalkResult result = setup.Access(va, MemoryAccess.KernelRead, state);
        Assert.Equal((NestedWalkStatus.RmpViolation, code), (result.Status, result.ExitInfo1.Value));
    }

    [Theory]
    [InlineData(false, 0x1_8000_0007UL)]
    [InlineData(true, 0x5_8000_0007UL)]
    public void The_RMP_reports_the_C_bit_of_a_SEV_guest_by_choice_alone(bool tells, ulong code)
    {
        using ModelPair chosen = new(4, ProcessorModel.Genoa, new ModelChoices { ReportEncryptionOfSevGuests = tells });
        chosen.Poke(0x20_0000UL, 1UL, 0);
        GuestAccess access = new(NestedGuestSetup.Asid, 0, 0, GuestAccessKind.Write, IsPrivate: true, IsSnpGuest: false);
        NestedPage page = new(default, PhysicalAddress.Create(0x20_0000UL), PageSize.Size4K);
        Assert.Equal(code, RmpCheck.Guest(chosen.Table, access, page).ExitInfo1.Value);
    }

    [Fact]
    public void An_SNP_guest_needs_an_encryption_bit()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        Assert.Throws<ArgumentException>(
            "isSnpGuest", () => new NestedPagingState(setup.GuestState(), setup.HostState(), isSnpGuest: true));
        Assert.NotEqual(
            new NestedPagingState(setup.GuestState(), setup.HostState()),
            new NestedPagingState(setup.GuestState(), setup.HostState(), executeTrap: true));
    }
}
