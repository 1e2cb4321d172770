using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>The manual's codes of nested page faults case by case, and who wins where several things are wrong.</summary>
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
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState state = new(world.GuestState(smep: false), world.HostState());
        NestedWalkResult good = world.Translate(va, new MemoryAccess(kind), state);
        Assert.True(good.IsMapped);
        world.Memory[world.HostEntry(good.Gpa.Value, 1)] ^= flipped;
        NestedWalkResult result = world.Translate(va, new MemoryAccess(kind), state);
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
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        for (int level = 4; level >= 1; level--)
        {
            (ulong address, ulong gpa) = world.GuestEntry(va, level);
            ulong leaf = world.HostEntry(gpa, 1);
            world.Memory[leaf] ^= flipped;
            NestedWalkResult result = world.Translate(va, MemoryAccess.KernelRead);
            Assert.Equal(NestedWalkStatus.NestedPageFault, result.Status);
            Assert.Equal(code, result.ExitInfo1.Value);
            Assert.Equal(gpa, result.ExitInfo2.Value);
            Assert.Equal((PagingLevel)level, result.GuestLevel);
            Assert.False(result.IsFinal);
            world.Memory[leaf] ^= flipped;
            Assert.NotEqual(0UL, address);
        }
    }

    [Theory]
    [InlineData(true, false, 0x1DUL)]
    [InlineData(false, true, 0x1DUL)]
    [InlineData(false, false, 0xDUL)]
    public void The_hosts_NXE_or_SMEP_makes_a_nested_fetch_reported(bool nxe, bool smep, ulong low)
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        ulong gpa = world.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        world.Memory[world.HostEntry(gpa, 2)] |= TableTree.PS | 0x2000; // a 2 MiB leaf with a reserved bit
        NestedPagingState state = new(world.GuestState(smep: false), world.HostState(nxe: nxe, smep: smep));
        Assert.Equal(0x1_0000_0000 + low, world.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        Assert.Equal(0x1_0000_000DUL, world.Translate(va, MemoryAccess.KernelRead, state).ExitInfo1.Value);
    }

    [Fact]
    public void A_reserved_bit_on_the_way_to_a_guest_table_is_a_write_with_bit_33()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        world.Memory[world.HostEntry(NestedWorld.GuestStart, 4)] |= Reserved;
        NestedWalkResult result = world.Translate(world.Addresses[0], MemoryAccess.KernelRead);
        Assert.Equal(0x2_0000_000FUL, result.ExitInfo1.Value);
        Assert.Equal(PagingLevel.PageMapLevel4, result.NestedLevel);
    }

    [Fact]
    public void A_fault_in_the_guest_wins_over_one_of_the_final_address_and_loses_to_one_of_a_table()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        ulong gpa = world.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        world.Memory[world.HostEntry(gpa, 1)] = 0;
        (ulong leaf, ulong leafGpa) = world.GuestEntry(va, 1);
        world.Memory[leaf] &= ~TableTree.U;
        NestedWalkResult result = world.Translate(va, UserRead);
        Assert.Equal(NestedWalkStatus.GuestPageFault, result.Status);
        Assert.Equal(0x5U, result.ErrorCode);
        Assert.Equal(0UL, result.ExitInfo1.Value);
        world.Memory[world.HostEntry(leafGpa, 1)] = 0;
        Assert.Equal(0x2_0000_0006UL, world.Translate(va, UserRead).ExitInfo1.Value);
    }

    [Fact]
    public void A_guest_address_beyond_four_nested_levels_is_not_present()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        world.Memory[world.GuestEntry(va, 1).Address] |= 1UL << 48;
        NestedWalkResult result = world.Translate(va, MemoryAccess.KernelRead);
        Assert.Equal(0x1_0000_0004UL, result.ExitInfo1.Value);
        Assert.Equal(1UL, result.ExitInfo2.Value >> 48);
        Assert.Equal(PagingLevel.PageMapLevel4, result.NestedLevel);
        Assert.Equal(0UL, result.Address.Value);
    }

    [Fact]
    public void The_smaller_page_of_both_walks_is_the_size_of_the_translation()
    {
        using NestedWorld world = new(5, 5, isEncrypted: true);
        for (int i = 0; i < 9; i++)
        {
            NestedWalkResult result = world.Translate(world.Addresses[i], MemoryAccess.KernelRead);
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
        using NestedWorld world = new(4, 4, isEncrypted: true);
        ulong va = world.Addresses[0];
        NestedPagingState state = new(world.GuestState(smep: false), world.HostState());
        NestedWalkResult good = world.Access(va, new MemoryAccess(kind), state);
        Assert.True(good.IsMapped);
        ulong page = good.Address.Value & ~0xFFFUL;
        RmpEntry entry = world.Pair.Raw(page);
        world.Pair.Poke(page, 0, 0);
        NestedWalkResult result = world.Access(va, new MemoryAccess(kind), state);
        Assert.Equal(NestedWalkStatus.RmpViolation, result.Status);
        Assert.Equal(code, result.ExitInfo1.Value);
        Assert.Equal(good.Gpa, result.ExitInfo2);
        world.Pair.Poke(page, entry.Low & ~(1UL << 62), entry.High);
        result = world.Access(va, new MemoryAccess(kind), state);
        Assert.Equal((NestedWalkStatus.NotValidated, 0x404U, 0UL), (result.Status, result.ErrorCode, result.ExitInfo1.Value));
        world.Pair.Poke(page, entry.Low, 0);
        Assert.Equal(code | (1UL << 36), world.Access(va, new MemoryAccess(kind), state).ExitInfo1.Value);
    }

    [Fact]
    public void A_guest_table_that_is_not_the_guests_faults_as_a_private_write()
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        (ulong address, ulong gpa) = world.GuestEntry(world.Addresses[0], 3);
        world.Pair.Poke(address & ~0xFFFUL, 0, 0);
        NestedWalkResult result = world.Access(world.Addresses[0], MemoryAccess.KernelRead);
        Assert.Equal(0x6_8000_0007UL, result.ExitInfo1.Value);
        Assert.Equal(gpa, result.ExitInfo2.Value);
        Assert.Equal(address, result.Address.Value);
    }

    [Fact]
    public void The_C_bit_or_virtual_TOM_makes_data_private()
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        ulong va = world.Addresses[0];
        ulong leaf = world.GuestEntry(va, 1).Address;
        world.Memory[leaf] &= ~(1UL << 51);
        Assert.True(world.Access(va, MemoryAccess.KernelRead) is { IsMapped: true, IsPrivate: false });
        Assert.Equal(0x1_8000_0007UL, world.Access(va, MemoryAccess.KernelWrite).ExitInfo1.Value); // assigned, so not for shared writes
        Assert.True(world.Translate(va, MemoryAccess.KernelFetch, new(world.GuestState(smep: false), world.HostState())).IsPrivate);

        NestedPagingState withTom = new(world.GuestState(), world.HostState(), GuestPhysicalAddress.Create(1UL << 40));
        Assert.True(withTom.HasVirtualTom);
        // the C-bit of the tables above is reserved now
        Assert.Equal(0x9U, world.Translate(va, MemoryAccess.KernelRead, withTom).ErrorCode);
        Assert.Throws<ArgumentException>(
            "virtualTom",
            () =>
                new NestedPagingState(
                    new PagingState(default, PagingMode.FourLevel, ProcessorModel.Genoa), world.HostState(),
                    default(GuestPhysicalAddress)));
    }
}
