using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Accessed and Dirty: which entries are written, with what, in which order, and when not.</summary>
public sealed class AccessedDirtyTests
{
    private const ulong Va = 0x0000_5A5A_5A5A_5A5AUL;
    private const ulong AllFlags = TableTree.P | TableTree.W | TableTree.U;

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    [InlineData(5, 3)]
    public void A_read_marks_every_entry_accessed_from_the_top(int levels, int leafLevel)
    {
        TableTree tree = Fresh(levels, leafLevel);
        List<ReferenceTableEntry> expected = [];
        for (int level = levels; level >= leafLevel; level--)
        {
            ulong entry = tree.EntryOf(Va, level);
            expected.Add(new ReferenceTableEntry(entry, tree.Memory[entry] | TableTree.A));
        }

        Assert.True(tree.Access(Va, Read).IsMapped);
        Assert.Equal(expected, tree.Memory.Writes);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    public void A_write_marks_the_leaf_accessed_and_dirty_at_once(int levels, int leafLevel)
    {
        TableTree tree = Fresh(levels, leafLevel);
        ulong leaf = tree.EntryOf(Va, leafLevel);
        ulong before = tree.Memory[leaf];
        Assert.True(tree.Access(Va, Write).IsMapped);
        Assert.Equal(levels - leafLevel + 1, tree.Memory.Writes.Count);
        Assert.Equal(new ReferenceTableEntry(leaf, before | TableTree.A | TableTree.D), tree.Memory.Writes[^1]);
        Assert.DoesNotContain(tree.Memory.Writes[..^1], static write => (write.Value & TableTree.D) != 0);
    }

    [Fact]
    public void Nothing_is_written_when_nothing_has_to_change()
    {
        TableTree tree = Fresh(4, 1);
        _ = tree.Access(Va, Write);
        int exchanges = tree.Memory.Exchanges;
        Assert.Equal(4, exchanges);
        Assert.True(tree.Access(Va, Write).IsMapped);
        Assert.True(tree.Access(Va, Read).IsMapped);
        Assert.True(tree.Access(Va, new MemoryAccess(AccessKind.Fetch, IsUser: true)).IsMapped);
        Assert.Equal(exchanges, tree.Memory.Exchanges);
    }

    [Fact]
    public void A_read_of_a_dirty_page_and_a_read_of_a_clean_one_leave_dirty_alone()
    {
        TableTree tree = Fresh(4, 1);
        _ = tree.Access(Va, Read);
        Assert.Equal(0UL, tree.Memory[tree.EntryOf(Va, 1)] & TableTree.D);
        tree.Memory.Writes.Clear();
        _ = tree.Access(Va, Write);
        Assert.Single(tree.Memory.Writes);
        Assert.Equal(TableTree.A | TableTree.D, tree.Memory.Writes[0].Value & (TableTree.A | TableTree.D));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_rights_fault_leaves_the_leaf_as_it_was(int leafLevel)
    {
        TableTree tree = new TableTree().Map(Va, 0x4000_0000, leafLevel, flags: TableTree.P);
        ulong leaf = tree.EntryOf(Va, leafLevel);
        Assert.Equal(WalkStatus.RightsViolation, tree.Access(Va, MemoryAccess.KernelWrite).Status);
        Assert.Equal(0UL, tree.Memory[leaf] & (TableTree.A | TableTree.D));
        Assert.Equal(4 - leafLevel, tree.Memory.Writes.Count); // the entries above passed their own tests
    }

    [Theory]
    [InlineData(4)]
    [InlineData(3)]
    [InlineData(2)]
    [InlineData(1)]
    public void A_fault_at_a_level_marks_the_levels_above_only(int faultLevel)
    {
        foreach (ulong change in new[] { TableTree.P, 1UL << 50 })
        {
            TableTree tree = Fresh(4, 1);
            tree.Change(Va, faultLevel, e => e ^ change);
            ulong entry = tree.EntryOf(Va, faultLevel);
            ulong before = tree.Memory[entry];
            Assert.False(tree.Access(Va, Read).IsMapped);
            Assert.Equal(4 - faultLevel, tree.Memory.Writes.Count);
            Assert.Equal(before, tree.Memory[entry]);
        }
    }

    [Fact]
    public void Translating_writes_nothing()
    {
        TableTree tree = Fresh(5, 1);
        Assert.True(tree.Translate(Va, Write).IsMapped);
        Assert.Equal(0, tree.Memory.Exchanges);
    }

    [Fact]
    public void A_lost_race_for_the_leaf_starts_again_with_fresh_entries()
    {
        TableTree tree = Fresh(4, 1);
        ulong leaf = tree.EntryOf(Va, 1);
        bool raced = false;
        tree.Memory.Racer = address =>
        {
            if (raced || address != leaf) return;
            raced = true;
            tree.Memory[leaf] = 0xC000 | AllFlags;
        };
        WalkResult result = tree.Access(Va, Write);
        Assert.True(result.IsMapped);
        Assert.Equal(0xC000UL + (Va & 0xFFF), result.Address.Value);
        Assert.Equal(0xC000 | AllFlags | TableTree.A | TableTree.D, tree.Memory[leaf]);
        Assert.Equal(4, tree.Memory.Writes.Count);
    }

    [Fact]
    public void A_lost_race_for_an_upper_entry_follows_the_new_entry()
    {
        TableTree tree = Fresh(4, 1);
        ulong upper = tree.EntryOf(Va, 3);
        tree.Memory.Racer = address =>
        {
            if (address == upper) tree.Memory[upper] = 0;
        };
        Assert.Equal(WalkStatus.NotPresent, tree.Access(Va, Write).Status);
        Assert.Equal(0UL, tree.Memory[upper]);
        Assert.Single(tree.Memory.Writes); // the top entry, once
    }

    [Fact]
    public void A_search_that_loses_every_race_is_reported()
    {
        TableTree tree = Fresh(4, 1);
        ulong leaf = tree.EntryOf(Va, 1);
        int races = 0;
        tree.Memory.Racer = address =>
        {
            if (address != leaf) return;
            races++;
            tree.Memory[leaf] ^= 1UL << 9;
        };
        WalkResult result = tree.Access(Va, Write);
        Assert.Equal(WalkStatus.Contended, result.Status);
        Assert.Equal(0U, result.ErrorCode);
        Assert.Equal(PagingLevel.PageTable, result.Level);
        Assert.Equal(leaf, result.Address.Value);
        Assert.InRange(races, 2, 1000);
        Assert.Equal(0UL, tree.Memory[leaf] & (TableTree.A | TableTree.D));
    }

    private static MemoryAccess Read => new(AccessKind.Read, IsUser: true);

    private static MemoryAccess Write => new(AccessKind.Write, IsUser: true);

    private static TableTree Fresh(int levels, int leafLevel) => new TableTree(levels).Map(Va, 0x4000_0000, leafLevel);
}
