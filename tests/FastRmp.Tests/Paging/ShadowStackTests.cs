using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Shadow stacks: which pages are shadow stacks, which accesses may use them, and the error code of a fault.</summary>
public sealed class ShadowStackTests
{
    private const ulong Va = 0x7F12_3456_7000UL;
    private const ulong Pa = 0x20_3000UL;
    private const ulong Supervisor = TableTree.P | TableTree.D;
    private const ulong User = TableTree.P | TableTree.D | TableTree.U;

    [Theory]
    [InlineData(AccessKind.Read, false, Supervisor, 0U)]
    [InlineData(AccessKind.Write, false, Supervisor, 0U)]
    [InlineData(AccessKind.Read, true, User, 0U)]
    [InlineData(AccessKind.Write, true, User, 0U)]
    [InlineData(AccessKind.Read, false, User, 0x41U)] // the other mode's
    [InlineData(AccessKind.Write, false, User, 0x43U)]
    [InlineData(AccessKind.Read, true, Supervisor, 0x45U)]
    [InlineData(AccessKind.Write, true, Supervisor, 0x47U)]
    [InlineData(AccessKind.Read, false, Supervisor | TableTree.W, 0x41U)] // an ordinary page
    [InlineData(AccessKind.Write, false, Supervisor | TableTree.W, 0x43U)]
    [InlineData(AccessKind.Write, true, User | TableTree.W, 0x47U)]
    [InlineData(AccessKind.Read, false, TableTree.P, 0x41U)] // read-only, but not dirty
    [InlineData(AccessKind.Write, true, TableTree.P | TableTree.U, 0x47U)]
    [InlineData(AccessKind.Read, true, TableTree.U | TableTree.D, 0x44U)] // not present
    [InlineData(AccessKind.Write, false, TableTree.D, 0x42U)]
    [InlineData(AccessKind.Write, true, User | (1UL << 51), 0x4FU)] // reserved on a 48-bit processor
    public void A_shadow_stack_access_needs_a_dirty_read_only_page_of_its_mode(AccessKind kind, bool isUser, ulong leaf, uint code)
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: leaf);
        WalkResult result = tree.Translate(Va, MemoryAccess.ShadowStack(kind, isUser), State(tree));
        Assert.Equal((code == 0, code), (result.IsMapped, result.ErrorCode));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_level_above_must_be_writable(int level)
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: Supervisor);
        Assert.True(tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Write), State(tree)).IsMapped);
        tree.Change(Va, level, static entry => entry & ~TableTree.W);
        Assert.Equal(0x43U, tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Write), State(tree)).ErrorCode);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Large_pages_are_shadow_stacks_too(int leafLevel)
    {
        TableTree tree = new();
        tree.Map(Va, 0x4000_0000UL, leafLevel, User);
        Assert.True(tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Write, isUser: true), State(tree)).IsMapped);
    }

    [Fact]
    public void Other_writes_to_a_shadow_stack_fault_as_to_any_read_only_page()
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: User);
        PagingState state = State(tree);
        Assert.Equal(0x7U, tree.Translate(Va, new MemoryAccess(AccessKind.Write, IsUser: true), state).ErrorCode);
        Assert.Equal(0x3U, tree.Translate(Va, new MemoryAccess(AccessKind.Write, MayTouchUserPages: true), state).ErrorCode);
        Assert.True(tree.Translate(Va, new MemoryAccess(AccessKind.Read, IsUser: true), state).IsMapped);
    }

    [Fact]
    public void Keys_count_for_shadow_stacks_and_are_reported_with_SS()
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: User | (3UL << 59));
        PagingState state = new(
            PhysicalAddress.Create(tree.Root), PagingMode.FourLevel, tree.Processor, userKeys: new Pkru(2U << 6), shadowStacks: true);
        Assert.True(tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Read, isUser: true), state).IsMapped);
        Assert.Equal(0x67U, tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Write, isUser: true), state).ErrorCode);
    }

    [Fact]
    public void Without_CET_there_are_no_shadow_stacks_and_a_fetch_never_is_a_shadow_stack_access()
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: Supervisor | TableTree.W);
        PagingState plain = tree.State();
        Assert.False(plain.ShadowStacks);
        Assert.True(State(tree).ShadowStacks);
        Assert.NotEqual(plain, State(tree));
        Assert.True(tree.Translate(Va, MemoryAccess.ShadowStack(AccessKind.Write), plain).IsMapped);
        Assert.True(tree.Translate(Va, new MemoryAccess(AccessKind.Fetch, IsShadowStack: true), State(tree)).IsMapped);
        Assert.True(
            PagingState.FromRegisters(new ControlRegisters { ControlFlowEnforcement = true }, ProcessorModel.Milan).ShadowStacks);
        Assert.Equal(1UL << 23, Cr4.ControlFlowEnforcementMask);
    }

    [Fact]
    public void An_access_to_a_shadow_stack_marks_it_accessed_and_a_refused_one_nothing()
    {
        TableTree tree = new();
        tree.Map(Va, Pa, flags: Supervisor);
        Assert.Equal(0x47U, tree.Access(Va, MemoryAccess.ShadowStack(AccessKind.Write, isUser: true), State(tree)).ErrorCode);
        Assert.Equal(0UL, tree.Memory[tree.EntryOf(Va, 1)] & TableTree.A);
        Assert.True(tree.Access(Va, MemoryAccess.ShadowStack(AccessKind.Write), State(tree)).IsMapped);
        Assert.Equal(Pa | Supervisor | TableTree.A, tree.Memory[tree.EntryOf(Va, 1)]);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    public void All_rights_of_all_levels_and_Dirty_count_as_in_the_reference(int levels, int leafLevel)
    {
        WalkChain chain = new(levels, leafLevel);
        ReferenceAccess[] accesses = WalkComparison.ShadowStackAccesses(WalkChain.Va);
        int bits = 2 * (levels - leafLevel + 1);
        int mapped = 0;
        for (int mode = 0; mode < 8; mode++)
        {
            PagingSetup setup = new()
            {
                Cr3 = WalkChain.Root,
                Levels = levels,
                ShadowStacks = (mode & 1) == 0,
                Smap = (mode & 2) == 0,
                WriteProtect = (mode & 4) == 0,
            };
            PagingState state = setup.State;
            ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
            for (int combination = 0; combination < 2 << bits; combination++)
            {
                for (int level = leafLevel; level <= levels; level++)
                {
                    int own = combination >> (2 * (level - leafLevel));
                    chain.Set(
                        level,
                        TableTree.P | ((own & 1) == 0 ? TableTree.W : 0) | ((own & 2) == 0 ? TableTree.U : 0)
                            | (combination >> bits == 0 ? 0 : TableTree.D));
                }

                foreach (ReferenceAccess access in accesses)
                {
                    mapped += WalkComparison.Judge(chain.Memory, setup, state, reference, access).IsMapped ? 1 : 0;
                }
            }
        }

        Assert.True(mapped > 100, $"{mapped} mapped");
    }

    private static PagingState State(TableTree tree) =>
        new(PhysicalAddress.Create(tree.Root), PagingMode.FourLevel, tree.Processor, smep: true, smap: true, shadowStacks: true);
}
