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
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, ModelChoices.Default);
        SetPage(world, va, nestedUser, nestedNoExecute);
        NestedWalkResult result = world.Translate(va, new MemoryAccess(kind, isUser), state);
        Assert.Equal((code == 0, code), (result.IsMapped, result.ExitInfo1.Value));
    }

    [Fact]
    public void Guest_tables_need_no_user_page_but_a_writable_one()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, ModelChoices.Default);
        ulong leaf = world.HostEntry(world.GuestEntry(va, 2).Gpa, 1);
        world.Memory[leaf] ^= TableTree.U;
        Assert.True(world.Translate(va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.True(world.Translate(va, new MemoryAccess(AccessKind.Read, IsUser: true), state).IsMapped);
        world.Memory[leaf] ^= TableTree.W;
        Assert.Equal(0x2_0000_0003UL, world.Translate(va, MemoryAccess.KernelRead, state).ExitInfo1.Value);
        Assert.Equal(0x2_0000_0007UL, world.Translate(va, new MemoryAccess(AccessKind.Read, IsUser: true), state).ExitInfo1.Value);
    }

    [Fact]
    public void A_page_is_a_users_only_if_every_nested_level_says_so()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, ModelChoices.Default);
        ulong gpa = world.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        Assert.Equal(0x1_0000_0011UL, world.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        world.Memory[world.HostEntry(gpa, 2)] ^= TableTree.U;
        Assert.True(world.Translate(va, MemoryAccess.KernelFetch, state).IsMapped);
        Assert.Equal(0x1_0000_0005UL, world.Translate(va, MemoryAccess.KernelRead).ExitInfo1.Value); // without GMET
    }

    [Fact]
    public void By_choice_user_code_fetches_from_any_page()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState state = State(world, new ModelChoices { GmetAllowsUserFetches = true });
        SetPage(world, va, user: false, noExecute: false);
        MemoryAccess fetch = new(AccessKind.Fetch, IsUser: true);
        Assert.True(world.Translate(va, fetch, state).IsMapped);
        Assert.True(world.Translate(va, MemoryAccess.KernelFetch, state).IsMapped);
        SetPage(world, va, user: true, noExecute: false);
        Assert.True(world.Translate(va, fetch, state).IsMapped);
        Assert.Equal(0x1_0000_0011UL, world.Translate(va, MemoryAccess.KernelFetch, state).ExitInfo1.Value);
        SetPage(world, va, user: false, noExecute: true);
        Assert.Equal(0x1_0000_0015UL, world.Translate(va, fetch, state).ExitInfo1.Value);
    }

    [Fact]
    public void By_choice_U_of_the_code_is_set_whatever_the_CPL()
    {
        using NestedWorld world = new(4, 4, isEncrypted: false);
        ulong va = world.Addresses[0];
        NestedPagingState standard = State(world, ModelChoices.Default);
        NestedPagingState chosen = State(world, new ModelChoices { GmetAlwaysTellsUser = true });
        Assert.Equal(
            UserBit,
            world.Translate(
                va, MemoryAccess.KernelFetch,
                standard).ExitInfo1.Value ^ world.Translate(va, MemoryAccess.KernelFetch, chosen).ExitInfo1.Value);
        world.Pair.Poke(world.Translate(va, MemoryAccess.KernelRead).Address.Value & ~0xFFFUL, 1UL, 0);
        Assert.Equal(0x1_8000_0003UL, Write(world, va, standard, isUser: false));
        Assert.Equal(0x1_8000_0007UL, Write(world, va, chosen, isUser: false));
        Assert.Equal(0x1_8000_0007UL, Write(world, va, standard, isUser: true));
    }

    private static ulong Write(NestedWorld world, ulong va, NestedPagingState state, bool isUser)
    {
        for (int level = 4; level >= 1; level--)
        {
            world.Pair.Poke(world.GuestEntry(va, level).Address & ~0xFFFUL, 0, 0); // the tables are the hypervisor's
        }

        return world.Access(va, new MemoryAccess(AccessKind.Write, isUser), state, isSnpGuest: false).ExitInfo1.Value;
    }

    private static NestedPagingState State(NestedWorld world, ModelChoices choices) =>
        new(world.GuestState(smep: false), world.HostState(), executeTrap: true, choices: choices);

    private static void SetPage(NestedWorld world, ulong va, bool user, bool noExecute)
    {
        ulong leaf = world.HostEntry(world.Translate(va, MemoryAccess.KernelRead, State(world, ModelChoices.Default)).Gpa.Value, 1);
        ulong entry = world.Memory[leaf] & ~(TableTree.U | TableTree.NX);
        world.Memory[leaf] = entry | (user ? TableTree.U : 0) | (noExecute ? TableTree.NX : 0);
    }
}
