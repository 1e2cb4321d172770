using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>GMET, the guest-mode execute trap: the two tables of the rule, and what is chosen where no source says.</summary>
public sealed class ExecuteTrapTests
{
    private const ulong UserBit = 4;

    [Theory]
    [InlineData(AccessKind.Fetch, false, true, false, 0x1_0000_0011UL)]
    [InlineData(AccessKind.Fetch, false, false, false, 0UL)]
    [InlineData(AccessKind.Fetch, false, false, true, 0x1_0000_0011UL)]
    [InlineData(AccessKind.Read, false, false, false, 0UL)]
    [InlineData(AccessKind.Read, false, false, true, 0UL)]
    [InlineData(AccessKind.Write, false, false, false, 0UL)]
    [InlineData(AccessKind.Write, false, false, true, 0UL)]
    [InlineData(AccessKind.Read, true, false, false, 0UL)]
    [InlineData(AccessKind.Write, true, false, true, 0UL)]
    [InlineData(AccessKind.Fetch, true, true, false, 0UL)]
    [InlineData(AccessKind.Fetch, true, true, true, 0x1_0000_0015UL)]
    [InlineData(AccessKind.Fetch, true, false, false, 0x1_0000_0015UL)] // in no source
    public void U_S_of_the_nested_page_matters_to_fetches_alone(
        AccessKind kind, bool isUser, bool nestedUser, bool nestedNoExecute, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, ModelChoices.Default);
        SetPage(setup, va, nestedUser, nestedNoExecute);
        NestedWalkResult result = setup.Translate(va, new MemoryAccess(kind, isUser), state);
        Assert.Equal((code == 0, code), (result.IsMapped, result.ExitInfo1.Value));
    }

    [Fact]
    public void Guest_tables_need_no_user_page_but_a_writable_one()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, ModelChoices.Default);
        ulong leaf = setup.HostEntry(setup.GuestEntry(va, 2).Gpa, 1);
        setup.Memory[leaf] ^= TableTree.U;
        Assert.True(setup.Translate(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.True(setup.Translate(va, new MemoryAccess(AccessKind.Read, IsUser: true), state).IsMapped);
        setup.Memory[leaf] ^= TableTree.W;
        Assert.Equal(0x2_0000_0003UL, setup.Translate(va, MemoryAccess.KernelRead, state).ExitInfo1.Value);
        Assert.Equal(0x2_0000_0007UL, setup.Translate(va, new MemoryAccess(AccessKind.Read, IsUser: true), state).ExitInfo1.Value);
    }

    [Fact]
    public void A_page_is_a_users_only_if_every_nested_level_says_so()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, ModelChoices.Default);
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        Assert.Equal(0x1_0000_0011UL, setup.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        setup.Memory[setup.HostEntry(gpa, 2)] ^= TableTree.U;
        Assert.True(setup.Translate(va, MemoryAccess.KernelFetch, state).IsMapped);
        Assert.Equal(0x1_0000_0005UL, setup.Translate(va, MemoryAccess.KernelRead).ExitInfo1.Value); // without GMET
    }

    [Fact]
    public void By_choice_user_code_fetches_from_any_page()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState state = State(setup, new ModelChoices { GmetAllowsUserFetches = true });
        SetPage(setup, va, user: false, noExecute: false);
        MemoryAccess fetch = new(AccessKind.Fetch, IsUser: true);
        Assert.True(setup.Translate(va, fetch, state).IsMapped);
        Assert.True(setup.Translate(va, MemoryAccess.KernelFetch, state).IsMapped);
        SetPage(setup, va, user: true, noExecute: false);
        Assert.True(setup.Translate(va, fetch, state).IsMapped);
        Assert.Equal(0x1_0000_0011UL, setup.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        SetPage(setup, va, user: false, noExecute: true);
        Assert.Equal(0x1_0000_0015UL, setup.Translate(va, fetch, state).ExitInfo1.Value);
    }

    [Fact]
    public void By_choice_U_of_the_code_is_set_whatever_the_CPL()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        ulong va = setup.Addresses[0];
        NestedPagingState standard = State(setup, ModelChoices.Default);
        NestedPagingState chosen = State(setup, new ModelChoices { GmetAlwaysReportsUser = true });
        Assert.Equal(
            UserBit,
            setup.Translate(
                va, MemoryAccess.KernelFetch,
                standard).ExitInfo1.Value ^ setup.Translate(va, MemoryAccess.KernelFetch, chosen).ExitInfo1.Value);
        setup.Pair.Poke(setup.Translate(va, MemoryAccess.KernelRead).Address.Value & ~0xFFFUL, 1UL, 0);
        Assert.Equal(0x1_8000_0003UL, Write(setup, va, standard, isUser: false));
        Assert.Equal(0x1_8000_0007UL, Write(setup, va, chosen, isUser: false));
        Assert.Equal(0x1_8000_0007UL, Write(setup, va, standard, isUser: true));
    }

    private static ulong Write(NestedGuestSetup setup, ulong va, NestedPagingState state, bool isUser)
    {
        for (int level = 4; level >= 1; level--)
        {
            setup.Pair.Poke(setup.GuestEntry(va, level).Address & ~0xFFFUL, 0, 0); // the tables are the hypervisor's
        }

        return setup.Access(va, new MemoryAccess(AccessKind.Write, isUser), state, isSnpGuest: false).ExitInfo1.Value;
    }

    private static NestedPagingState State(NestedGuestSetup setup, ModelChoices choices) =>
        new(setup.GuestState(smep: false), setup.HostState(), executeTrap: true, choices: choices);

    private static void SetPage(NestedGuestSetup setup, ulong va, bool user, bool noExecute)
    {
        ulong leaf = setup.HostEntry(setup.Translate(va, MemoryAccess.KernelRead, State(setup, ModelChoices.Default)).Gpa.Value, 1);
        ulong entry = setup.Memory[leaf] & ~(TableTree.U | TableTree.NX);
        setup.Memory[leaf] = entry | (user ? TableTree.U : 0) | (noExecute ? TableTree.NX : 0);
    }
}
