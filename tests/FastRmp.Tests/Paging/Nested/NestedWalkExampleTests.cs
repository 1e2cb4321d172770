using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>The manual's codes of nested page faults case by case, and which of several faults is reported.</summary>
public sealed class NestedWalkExampleTests
{
    private const ulong Reserved = 1UL << 8; // in a PML4E
    private static readonly MemoryAccess UserRead = new(AccessKind.Read, IsUser: true);

    [Theory]
    [InlineData(AccessKind.Read, TableTree.P, 0x1_0000_0004UL)]
    [InlineData(AccessKind.Write, TableTree.P, 0x1_0000_0006UL)]
    [InlineData(AccessKind.Fetch, TableTree.P, 0x1_0000_0014UL)]
    [InlineData(AccessKind.Fetch, TableTree.NX, 0x1_0000_0015UL)]
    [InlineData(AccessKind.Read, TableTree.U, 0x1_0000_0005UL)]
    [InlineData(AccessKind.Write, TableTree.W, 0x1_0000_0007UL)]
    public void A_bit_of_the_final_nested_leaf_gives_the_code_of_the_table(AccessKind kind, ulong flipped, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState state = new(setup.GuestState(smep: false), setup.HostState());
        NestedWalkResult good = setup.Translate(va, new MemoryAccess(kind), state);
        Assert.True(good.IsMapped);
        setup.Memory[setup.HostEntry(good.Gpa.Value, 1)] ^= flipped;
        NestedWalkResult result = setup.Translate(va, new MemoryAccess(kind), state);
        Assert.Equal(NestedWalkStatus.NestedPageFault, result.Status);
        Assert.Equal(code, result.ExitInfo1.Value);
        Assert.Equal(good.Gpa, result.ExitInfo2);
        Assert.Equal(0U, result.ErrorCode);
        Assert.True(result.IsFinal);
    }

    [Theory]
    [InlineData(TableTree.P, 0x2_0000_0006UL)]
    [InlineData(TableTree.W, 0x2_0000_0007UL)]
    [InlineData(TableTree.U, 0x2_0000_0007UL)]
    public void A_guest_table_is_accessed_by_a_users_write_whatever_the_access(ulong flipped, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        for (int level = 4; level >= 1; level--)
        {
            (ulong address, ulong gpa) = setup.GuestEntry(va, level);
            ulong leaf = setup.HostEntry(gpa, 1);
            setup.Memory[leaf] ^= flipped;
            NestedWalkResult result = setup.Translate(va, MemoryAccess.KernelRead);
            Assert.Equal(NestedWalkStatus.NestedPageFault, result.Status);
            Assert.Equal(code, result.ExitInfo1.Value);
            Assert.Equal(gpa, result.ExitInfo2.Value);
            Assert.Equal((PagingLevel)level, result.GuestLevel);
            Assert.False(result.IsFinal);
            setup.Memory[leaf] ^= flipped;
            Assert.NotEqual(0UL, address);
        }
    }

    [Theory]
    [InlineData(true, false, 0x1DUL)]
    [InlineData(false, true, 0x1DUL)]
    [InlineData(false, false, 0xDUL)]
    public void The_hosts_NXE_or_SMEP_makes_a_nested_fetch_reported(bool nxe, bool smep, ulong low)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        setup.Memory[setup.HostEntry(gpa, 2)] |= TableTree.PS | 0x2000; // a 2 MiB leaf with a reserved bit
        NestedPagingState state = new(setup.GuestState(smep: false), setup.HostState(nxe: nxe, smep: smep));
        Assert.Equal(0x1_0000_0000 + low, setup.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        Assert.Equal(0x1_0000_000DUL, setup.Translate(va, MemoryAccess.KernelRead, state).ExitInfo1.Value);
    }

    [Fact]
    public void A_reserved_bit_on_the_way_to_a_guest_table_is_a_write_with_bit_33()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        setup.Memory[setup.HostEntry(NestedGuestSetup.GuestStart, 4)] |= Reserved;
        NestedWalkResult result = setup.Translate(setup.Addresses[0], MemoryAccess.KernelRead);
        Assert.Equal(0x2_0000_000FUL, result.ExitInfo1.Value);
        Assert.Equal(PagingLevel.PageMapLevel4, result.NestedLevel);
    }

    [Fact]
    public void A_fault_in_the_guest_wins_over_one_of_the_final_address_and_loses_to_one_of_a_table()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        setup.Memory[setup.HostEntry(gpa, 1)] = 0;
        (ulong leaf, ulong leafGpa) = setup.GuestEntry(va, 1);
        setup.Memory[leaf] &= ~TableTree.U;
        NestedWalkResult result = setup.Translate(va, UserRead);
        Assert.Equal(NestedWalkStatus.GuestPageFault, result.Status);
        Assert.Equal(0x5U, result.ErrorCode);
        Assert.Equal(0UL, result.ExitInfo1.Value);
        setup.Memory[setup.HostEntry(leafGpa, 1)] = 0;
        Assert.Equal(0x2_0000_0006UL, setup.Translate(va, UserRead).ExitInfo1.Value);
    }

    [Fact]
    public void A_guest_address_beyond_four_nested_levels_is_not_present()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        setup.Memory[setup.GuestEntry(va, 1).Address] |= 1UL << 48;
        NestedWalkResult result = setup.Translate(va, MemoryAccess.KernelRead);
        Assert.Equal(0x1_0000_0004UL, result.ExitInfo1.Value);
        Assert.Equal(1UL, result.ExitInfo2.Value >> 48);
        Assert.Equal(PagingLevel.PageMapLevel4, result.NestedLevel);
        Assert.Equal(0UL, result.Address.Value);
    }

    [Fact]
    public void The_smaller_page_of_both_walks_is_the_size_of_the_translation()
    {
        using NestedGuestSetup setup = new(5, 5, isEncrypted: true);
        for (int i = 0; i < 9; i++)
        {
            NestedWalkResult result = setup.Translate(setup.Addresses[i], MemoryAccess.KernelRead);
            Assert.True(result.IsMapped && result.IsPrivate);
            Assert.Equal(
                ((PageSize)(i / 3), (PageSize)(i % 3), (PageSize)Math.Min(i / 3, i % 3)),
                (result.GuestSize, result.NestedSize, result.Size));
        }
    }

    [Theory]
    [InlineData(AccessKind.Read, 0x5_8000_0005UL)]
    [InlineData(AccessKind.Write, 0x5_8000_0007UL)]
    [InlineData(AccessKind.Fetch, 0x5_8000_0015UL)]
    public void A_private_access_to_a_page_that_is_not_the_guests_has_the_RMP_and_ENC_bits(AccessKind kind, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        NestedPagingState state = new(setup.GuestState(smep: false), setup.HostState());
        NestedWalkResult good = setup.Access(va, new MemoryAccess(kind), state);
        Assert.True(good.IsMapped);
        ulong page = good.Address.Value & ~0xFFFUL;
        RmpEntry entry = setup.Pair.Raw(page);
        setup.Pair.Poke(page, 0, 0);
        NestedWalkResult result = setup.Access(va, new MemoryAccess(kind), state);
        Assert.Equal(NestedWalkStatus.RmpViolation, result.Status);
        Assert.Equal(code, result.ExitInfo1.Value);
        Assert.Equal(good.Gpa, result.ExitInfo2);
        setup.Pair.Poke(page, entry.Low & ~(1UL << 62), entry.High);
        result = setup.Access(va, new MemoryAccess(kind), state);
        Assert.Equal((NestedWalkStatus.NotValidated, 0x404U, 0UL), (result.Status, result.ErrorCode, result.ExitInfo1.Value));
        setup.Pair.Poke(page, entry.Low, 0);
        Assert.Equal(code | (1UL << 36), setup.Access(va, new MemoryAccess(kind), state).ExitInfo1.Value);
    }

    [Fact]
    public void A_guest_table_that_is_not_the_guests_faults_as_a_private_write()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        (ulong address, ulong gpa) = setup.GuestEntry(setup.Addresses[0], 3);
        setup.Pair.Poke(address & ~0xFFFUL, 0, 0);
        NestedWalkResult result = setup.Access(setup.Addresses[0], MemoryAccess.KernelRead);
        Assert.Equal(0x6_8000_0007UL, result.ExitInfo1.Value);
        Assert.Equal(gpa, result.ExitInfo2.Value);
        Assert.Equal(address, result.Address.Value);
    }

    [Fact]
    public void The_C_bit_or_virtual_TOM_makes_data_private()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        ulong leaf = setup.GuestEntry(va, 1).Address;
        setup.Memory[leaf] &= ~(1UL << 51);
        Assert.True(setup.Access(va, MemoryAccess.KernelRead) is { IsMapped: true, IsPrivate: false });
        Assert.Equal(0x1_8000_0007UL, setup.Access(va, MemoryAccess.KernelWrite).ExitInfo1.Value); // assigned, so not for shared writes
        Assert.True(setup.Translate(va, MemoryAccess.KernelFetch, new(setup.GuestState(smep: false), setup.HostState())).IsPrivate);

        NestedPagingState withTom = new(setup.GuestState(), setup.HostState(), GuestPhysicalAddress.Create(1UL << 40));
        Assert.True(withTom.HasVirtualTom);
        // the C-bit of the tables above is reserved now
        Assert.Equal(0x9U, setup.Translate(va, MemoryAccess.KernelRead, withTom).ErrorCode);
        Assert.Throws<ArgumentException>(
            "virtualTom",
            () =>
                new NestedPagingState(
                    new PagingState(default, PagingMode.FourLevel, ProcessorModel.Genoa), setup.HostState(),
                    default(GuestPhysicalAddress)));
    }
}
