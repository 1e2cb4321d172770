using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>The open points of nested tables, both ways.</summary>
public sealed class NestedChoiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EXITINFO2_of_a_table_has_the_low_bits_of_the_entry_unless_chosen_otherwise(bool aligned)
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, new ModelChoices { TableFaultsArePageAligned = aligned });
        ulong gpa = world.Translate(va, MemoryAccess.KernelRead, state).Gpa.Value;
        (_, ulong entry) = world.GuestEntry(va, 4);
        Assert.NotEqual(0UL, entry & 0xFFF);
        world.Memory[world.HostEntry(gpa, 1)] = 0;
        Assert.Equal(gpa, world.Translate(va, MemoryAccess.KernelRead, state).ExitInfo2.Value); // the page's own keeps all bits
        world.Memory[world.HostEntry(entry, 1)] = 0;
        NestedWalkResult result = world.Translate(va, MemoryAccess.KernelRead, state);
        Assert.Equal(aligned ? entry & ~0xFFFUL : entry, result.ExitInfo2.Value);
        Assert.Equal(entry, result.Gpa.Value);
    }

    [Theory]
    [InlineData(false, 0UL)]
    [InlineData(true, 0x1_0000_0027UL)]
    public void The_hosts_keys_do_not_count_in_nested_tables_unless_chosen_otherwise(bool apply, ulong code)
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        PagingState host = world.HostState(keys: new Pkru(2U << 10)); // key 5 forbids writes
        NestedPagingState state = new(world.GuestState(), host, choices: new ModelChoices { NestedKeysApply = apply });
        ulong gpa = world.Translate(va, MemoryAccess.KernelRead, state).Gpa.Value;
        world.Memory[world.HostEntry(gpa, 1)] |= 5UL << 59;
        Assert.True(world.Translate(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.Equal(code, world.Translate(va, MemoryAccess.KernelWrite, state).ExitInfo1.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_refused_access_marks_what_it_passed_unless_chosen_otherwise(bool onlyAllowed)
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, new ModelChoices { MarkOnlyAllowedWalks = onlyAllowed });
        world.Memory[world.GuestEntry(va, 1).Address] &= ~TableTree.P;
        Assert.Equal(NestedWalkStatus.GuestPageFault, world.Access(va, MemoryAccess.KernelRead, state).Status);
        Assert.Equal(onlyAllowed, (world.Memory[world.GuestEntry(va, 4).Address] & TableTree.A) == 0);
        Assert.Equal(onlyAllowed, (world.Memory[world.HostEntry(NestedWorld.GuestStart, 4)] & TableTree.A) == 0);
        Assert.Equal(onlyAllowed, world.Memory.Writes.Count == 0);
        world.Memory[world.GuestEntry(va, 1).Address] |= TableTree.P;
        Assert.True(world.Access(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.NotEqual(0UL, world.Memory[world.GuestEntry(va, 1).Address] & TableTree.A);
    }

    private static NestedPagingState State(NestedWorld world, ModelChoices choices) =>
        new(world.GuestState(), world.HostState(), isSnpGuest: true, choices: choices);
}
