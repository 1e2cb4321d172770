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
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, new ModelChoices { TableFaultsArePageAligned = aligned });
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead, state).Gpa.Value;
        (_, ulong entry) = setup.GuestEntry(va, 4);
        Assert.NotEqual(0UL, entry & 0xFFF);
        setup.Memory[setup.HostEntry(gpa, 1)] = 0;
        Assert.Equal(gpa, setup.Translate(va, MemoryAccess.KernelRead, state).ExitInfo2.Value); // the page's own keeps all bits
        setup.Memory[setup.HostEntry(entry, 1)] = 0;
        NestedWalkResult result = setup.Translate(va, MemoryAccess.KernelRead, state);
        Assert.Equal(aligned ? entry & ~0xFFFUL : entry, result.ExitInfo2.Value);
        Assert.Equal(entry, result.Gpa.Value);
    }

    [Theory]
    [InlineData(false, 0UL)]
    [InlineData(true, 0x1_0000_0027UL)]
    public void The_hosts_keys_do_not_count_in_nested_tables_unless_chosen_otherwise(bool apply, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        PagingState host = setup.HostState(keys: new Pkru(2U << 10)); // key 5 forbids writes
        NestedPagingState state = new(setup.GuestState(), host, choices: new ModelChoices { NestedKeysApply = apply });
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead, state).Gpa.Value;
        setup.Memory[setup.HostEntry(gpa, 1)] |= 5UL << 59;
        Assert.True(setup.Translate(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.Equal(code, setup.Translate(va, MemoryAccess.KernelWrite, state).ExitInfo1.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_refused_access_marks_what_it_passed_unless_chosen_otherwise(bool onlyAllowed)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, new ModelChoices { SetAccessedOnlyIfAllowed = onlyAllowed });
        setup.Memory[setup.GuestEntry(va, 1).Address] &= ~TableTree.P;
        Assert.Equal(NestedWalkStatus.GuestPageFault, setup.Access(va, MemoryAccess.KernelRead, state).Status);
        Assert.Equal(onlyAllowed, (setup.Memory[setup.GuestEntry(va, 4).Address] & TableTree.A) == 0);
        Assert.Equal(onlyAllowed, (setup.Memory[setup.HostEntry(NestedGuestSetup.GuestStart, 4)] & TableTree.A) == 0);
        Assert.Equal(onlyAllowed, setup.Memory.Writes.Count == 0);
        setup.Memory[setup.GuestEntry(va, 1).Address] |= TableTree.P;
        Assert.True(setup.Access(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.NotEqual(0UL, setup.Memory[setup.GuestEntry(va, 1).Address] & TableTree.A);
    }

    private static NestedPagingState State(NestedGuestSetup setup, ModelChoices choices) =>
        new(setup.GuestState(), setup.HostState(), isSnpGuest: true, choices: choices);
}
