using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

public sealed class PageWalkerLevelTests
{
    private const ulong Low = 0x0000_5A5A_5A5A_5A5AUL;
    private const ulong High = 0xFFFF_A5A5_A5A5_A5A5UL;
    private const ulong Low5 = 0x00A5_5A5A_5A5A_5A5AUL;
    private const ulong High5 = 0xFF5A_A5A5_A5A5_A5A5UL;

    [Theory]
    [InlineData(4, Low, 1, 0x0000_8765_4321_F000UL)]
    [InlineData(4, Low, 2, 0x0000_8765_4320_0000UL)]
    [InlineData(4, Low, 3, 0x0000_8765_4000_0000UL)]
    [InlineData(4, High, 1, 0x0000_8765_4321_F000UL)]
    [InlineData(4, High, 2, 0x0000_8765_4320_0000UL)]
    [InlineData(4, High, 3, 0x0000_8765_4000_0000UL)]
    [InlineData(5, Low5, 1, 0x0000_8765_4321_F000UL)]
    [InlineData(5, Low5, 2, 0x0000_8765_4320_0000UL)]
    [InlineData(5, Low5, 3, 0x0000_8765_4000_0000UL)]
    [InlineData(5, High5, 1, 0x0000_8765_4321_F000UL)]
    [InlineData(5, High5, 2, 0x0000_8765_4320_0000UL)]
    [InlineData(5, High5, 3, 0x0000_8765_4000_0000UL)]
    public void A_page_of_every_size_is_found_at_its_level(int levels, ulong va, int leafLevel, ulong pa)
    {
        TableTree tree = new TableTree(levels).Map(va, pa, leafLevel);
        WalkResult result = tree.Translate(va, MemoryAccess.KernelWrite, tree.State(smap: false));
        ulong inside = va & ((1UL << (3 + (9 * leafLevel))) - 1);
        Assert.True(result.IsMapped);
        Assert.Equal(pa + inside, result.Address.Value);
        Assert.Equal((PagingLevel)leafLevel, result.Level);
        Assert.Equal((PageSize)(leafLevel - 1), result.Size);
        Assert.Equal(PagingRights.Write | PagingRights.User | PagingRights.Execute, result.Rights);
        Assert.Equal(0U, result.ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void First_and_last_byte_of_a_page_translate_and_their_neighbours_do_not(int leafLevel)
    {
        ulong bytes = 1UL << (3 + (9 * leafLevel));
        ulong va = 0x0000_0080_8000_0000UL + (leafLevel == 3 ? 0UL : bytes * 5);
        TableTree tree = new TableTree().Map(va, bytes * 3, leafLevel, flags: TableTree.P);
        Assert.Equal(bytes * 3, tree.Translate(va, MemoryAccess.KernelRead).Address.Value);
        Assert.Equal((bytes * 4) - 1, tree.Translate(va + bytes - 1, MemoryAccess.KernelRead).Address.Value);
        Assert.Equal(WalkStatus.NotPresent, tree.Translate(va - 1, MemoryAccess.KernelRead).Status);
        Assert.Equal(WalkStatus.NotPresent, tree.Translate(va + bytes, MemoryAccess.KernelRead).Status);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_missing_entry_ends_the_walk_at_its_level_and_address(int levels)
    {
        for (int level = 1; level <= levels; level++)
        {
            TableTree tree = new TableTree(levels).Map(Low, 0x9000);
            ulong entry = tree.EntryOf(Low, level);
            tree.Memory[entry] = ~TableTree.P;
            WalkResult result = tree.Translate(Low, MemoryAccess.KernelWrite);
            Assert.Equal(WalkStatus.NotPresent, result.Status);
            Assert.Equal((PagingLevel)level, result.Level);
            Assert.Equal(entry, result.Address.Value);
            Assert.Equal(0x2U, result.ErrorCode);
        }
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    public void Each_level_can_take_each_right_away(int levels, int leafLevel)
    {
        for (int level = leafLevel; level <= levels; level++)
        {
            Assert.Equal(PagingRights.User | PagingRights.Execute, RightsAfter(levels, leafLevel, level, TableTree.W));
            Assert.Equal(PagingRights.Write | PagingRights.Execute, RightsAfter(levels, leafLevel, level, TableTree.U));
            Assert.Equal(PagingRights.Write | PagingRights.User, RightsAfter(levels, leafLevel, level, TableTree.NX));
            Assert.Equal(PagingRights.Execute, RightsAfter(levels, leafLevel, level, TableTree.W | TableTree.U));
        }
    }

    [Fact]
    public void Rights_lost_at_different_levels_are_lost_together()
    {
        TableTree tree = new TableTree().Map(Low, 0x9000);
        tree.Change(Low, 4, static e => e & ~TableTree.W);
        tree.Change(Low, 3, static e => e & ~TableTree.U);
        tree.Change(Low, 1, static e => e | TableTree.NX);
        Assert.Equal(PagingRights.None, tree.Translate(Low, MemoryAccess.KernelRead).Rights);
        Assert.Equal(0x3U, tree.Translate(Low, MemoryAccess.KernelWrite).ErrorCode);
        Assert.Equal(0x11U, tree.Translate(Low, MemoryAccess.KernelFetch).ErrorCode);
        Assert.Equal(0x5U, tree.Translate(Low, new MemoryAccess(AccessKind.Read, IsUser: true)).ErrorCode);
    }

    [Fact]
    public void A_denied_access_still_reports_the_page_it_meant()
    {
        TableTree tree = new TableTree().Map(Low, 0x4000_0000, 2, flags: TableTree.P);
        WalkResult result = tree.Translate(Low, MemoryAccess.KernelWrite);
        Assert.Equal(WalkStatus.RightsViolation, result.Status);
        Assert.Equal(0x4000_0000UL + (Low & 0x1F_FFFF), result.Address.Value);
        Assert.Equal(PageSize.Size2M, result.Size);
        Assert.Equal(PagingLevel.PageDirectory, result.Level);
    }

    [Fact]
    public void The_PAT_bit_of_a_large_page_is_no_part_of_the_address()
    {
        TableTree tree = new TableTree().Map(Low, 0x4020_0000, 2, flags: TableTree.P | (1UL << 12));
        Assert.Equal(0x4020_0000UL + (Low & 0x1F_FFFF), tree.Translate(Low, MemoryAccess.KernelRead).Address.Value);
    }

    [Fact]
    public void The_PAT_bit_of_a_small_page_is_no_page_size()
    {
        TableTree tree = new TableTree().Map(Low, 0x9000, 1, flags: TableTree.P | TableTree.PS);
        WalkResult result = tree.Translate(Low, MemoryAccess.KernelRead);
        Assert.True(result.IsMapped);
        Assert.Equal(PageSize.Size4K, result.Size);
    }

    [Fact]
    public void Keys_and_software_bits_do_not_disturb_a_walk()
    {
        const ulong Software = 0x7FF0_0000_0000_0E00UL; // [62:52] and [11:9]
        TableTree tree = new TableTree().Map(
            Low, 0x9000, flags: TableTree.P | TableTree.W | Software, tableFlags: TableTree.P | TableTree.W | Software);
        WalkResult result = tree.Translate(Low, MemoryAccess.KernelWrite);
        Assert.True(result.IsMapped);
        Assert.Equal(0x9000UL + (Low & 0xFFF), result.Address.Value);
    }

    private static PagingRights RightsAfter(int levels, int leafLevel, int level, ulong bits)
    {
        TableTree tree = new TableTree(levels).Map(Low, 0x4000_0000, leafLevel);
        tree.Change(Low, level, e => e ^ bits);
        return tree.Translate(Low, MemoryAccess.KernelRead, tree.State(smap: false)).Rights;
    }
}
