using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Addresses and tables that lead nowhere: each walk ends in a result.</summary>
public sealed class HostileTableTests
{
    [Theory]
    [InlineData(4, 0x0000_7FFF_FFFF_FFFFUL, true)]
    [InlineData(4, 0x0000_8000_0000_0000UL, false)]
    [InlineData(4, 0xFFFF_7FFF_FFFF_FFFFUL, false)]
    [InlineData(4, 0xFFFF_8000_0000_0000UL, true)]
    [InlineData(4, 0x0001_0000_0000_0000UL, false)]
    [InlineData(4, 0x8000_0000_0000_0000UL, false)]
    [InlineData(4, 0x7FFF_FFFF_FFFF_FFFFUL, false)]
    [InlineData(4, 0xFFFF_FFFF_FFFF_FFFFUL, true)]
    [InlineData(5, 0x00FF_FFFF_FFFF_FFFFUL, true)]
    [InlineData(5, 0x0100_0000_0000_0000UL, false)]
    [InlineData(5, 0xFEFF_FFFF_FFFF_FFFFUL, false)]
    [InlineData(5, 0xFF00_0000_0000_0000UL, true)]
    [InlineData(5, 0x0000_8000_0000_0000UL, true)]
    [InlineData(5, 0x8000_0000_0000_0000UL, false)]
    public void Only_canonical_addresses_are_walked(int levels, ulong va, bool canonical)
    {
        TableTree tree = new(levels);
        WalkResult result = tree.Translate(va, MemoryAccess.KernelWrite);
        Assert.Equal(canonical ? WalkStatus.NotPresent : WalkStatus.NonCanonical, result.Status);
        Assert.Equal(canonical ? 0x2U : 0U, result.ErrorCode);
        if (canonical) return;
        Assert.Equal(PagingLevel.None, result.Level);
        Assert.Equal(0UL, result.Address.Value);
    }

    [Fact]
    public void A_non_canonical_address_with_the_indices_of_a_mapped_page_is_not_mapped()
    {
        const ulong Va = 0xFFFF_A5A5_A5A5_A5A5UL;
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: TableTree.P);
        Assert.True(tree.Access(Va, MemoryAccess.KernelRead).IsMapped);
        tree.Memory.Writes.Clear();
        Assert.Equal(WalkStatus.NonCanonical, tree.Access(Va & 0x0000_FFFF_FFFF_FFFFUL, MemoryAccess.KernelRead).Status);
        Assert.Empty(tree.Memory.Writes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_table_that_points_at_itself_ends_after_its_levels(int levels)
    {
        TableTree tree = new(levels);
        tree.Memory.Words[..512].Fill(tree.Root | TableTree.P | TableTree.W);
        WalkResult result = tree.Translate(0x1234_5678_9ABCUL, MemoryAccess.KernelWrite);
        Assert.True(result.IsMapped);
        Assert.Equal(PagingLevel.PageTable, result.Level);
        Assert.Equal(tree.Root + 0xABC, result.Address.Value);
    }

    [Fact]
    public void A_table_outside_memory_ends_the_walk_at_its_entry()
    {
        const ulong Va = 0x5A5A_5A5A_5A5AUL;
        for (int level = 1; level <= 3; level++)
        {
            TableTree tree = new TableTree().Map(Va, 0x9000);
            const ulong Nowhere = 0x8765_4321_0000UL;
            tree.Change(Va, level + 1, static _ => Nowhere | TableTree.P);
            WalkResult result = tree.Translate(Va, MemoryAccess.KernelRead);
            Assert.Equal(WalkStatus.OutsideMemory, result.Status);
            Assert.Equal((PagingLevel)level, result.Level);
            Assert.Equal(Nowhere + (8 * TableTree.Index(Va, level)), result.Address.Value);
            Assert.Equal(0U, result.ErrorCode);
        }
    }

    [Fact]
    public void A_root_outside_memory_is_a_result()
    {
        TableTree tree = new();
        PagingState state = new(PhysicalAddress.Create(0xF_FFFF_FFFF_F000), PagingMode.FourLevel, tree.Processor);
        WalkResult result = tree.Access(ulong.MaxValue, MemoryAccess.KernelWrite, state);
        Assert.Equal(WalkStatus.OutsideMemory, result.Status);
        Assert.Equal(0xF_FFFF_FFFF_FFF8UL, result.Address.Value);
    }

    [Fact]
    public void A_listing_of_tables_that_never_reach_a_page_is_cut_short()
    {
        TableTree tree = new(levels: 5, pages: 4);
        PointEachTableAtTheNext(tree, tables: 4); // the page tables are outside the memory
        MappingEnumerator<WalkView> mappings = new(tree.View, tree.State());
        Assert.False(mappings.MoveNext());
        Assert.True(mappings.IsCutShort);
        Assert.InRange(mappings.CutShortAt.Value, tree.Root, tree.Root + 0x3FF8);
        long absent = mappings.AbsentTables;
        Assert.InRange(absent, 1, MappingEnumerator<WalkView>.MaxTablesWithoutLeaf);
        Assert.False(mappings.MoveNext());
        Assert.Equal(absent, mappings.AbsentTables);
    }

    [Fact]
    public void A_listing_is_not_cut_short_while_it_finds_pages()
    {
        const int Used = 32;
        TableTree tree = new(levels: 4, pages: 3);
        PointEachTableAtTheNext(tree, tables: 3);
        tree.Memory.Words[Used..512].Clear();
        tree.Memory.Words[(512 * 2) + 511] = 0x20_0000 | TableTree.P | TableTree.PS;
        MappingEnumerator<WalkView> mappings = new(tree.View, tree.State());
        long leaves = 0;
        while (mappings.MoveNext())
        {
            leaves++;
        }

        Assert.Equal((Used * 512L, Used * 512L * 511, false), (leaves, mappings.AbsentTables, mappings.IsCutShort));
    }

    private static void PointEachTableAtTheNext(TableTree tree, int tables)
    {
        for (int table = 0; table < tables; table++)
        {
            tree.Memory.Words.Slice(512 * table, 512).Fill((tree.Root + (0x1000UL * (ulong)(table + 1))) | TableTree.P);
        }
    }

    [Fact]
    public void Tables_of_ones_end_in_a_result_for_every_width_and_mode()
    {
        foreach (int levels in new[] { 4, 5 })
        {
            TableTree tree = new(levels);
            tree.Memory.Words.Fill(ulong.MaxValue);
            foreach (int width in new[] { 36, 48, 52 })
            {
                tree.Processor = tree.Processor with { PhysicalAddressWidth = width, ReservesUpperBit8 = width != 52 };
                WalkResult result = tree.Access(0x5A5A_5A5A_5A5AUL, new MemoryAccess(AccessKind.Fetch, IsUser: true));
                Assert.Equal(WalkStatus.MalformedEntry, result.Status);
                Assert.Equal(0x1DU, result.ErrorCode);
            }
        }
    }

    [Fact]
    public void A_state_refuses_a_misaligned_root_and_an_impossible_width()
    {
        TableTree tree = new();
        Assert.Throws<ArgumentException>(
            "root", () => new PagingState(PhysicalAddress.Create(0x1008), PagingMode.FourLevel, tree.Processor));
        foreach (int width in new[] { 35, 53, 0, -1 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                "processor", () => new PagingState(default, PagingMode.FourLevel, tree.Processor with { PhysicalAddressWidth = width }));
        }

        Assert.Throws<ArgumentNullException>("processor", () => new PagingState(default, PagingMode.FourLevel, null!));
    }
}
