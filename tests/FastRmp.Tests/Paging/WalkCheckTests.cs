using System;
using System.Collections.Generic;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>When the walker asks its check, about what, and what it makes of the answer.</summary>
public sealed class WalkCheckTests
{
    private const ulong Va = 0x0000_5A5A_5A5A_5A5AUL;

    private readonly List<(ulong Entry, bool Writes)> _asked = [];

    [Fact]
    public void Every_entry_used_is_asked_about_with_whether_it_will_be_written()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        tree.Change(Va, 3, static e => e | TableTree.A);
        Assert.True(Access(tree, AccessKind.Read, static (_, _) => true, static _ => true).IsMapped);
        Assert.Equal(
            [(tree.EntryOf(Va, 4), true), (tree.EntryOf(Va, 3), false), (tree.EntryOf(Va, 2), true), (tree.EntryOf(Va, 1), true)], _asked);
    }

    [Fact]
    public void A_translation_asks_about_entries_as_mere_reads()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        WalkView view = tree.View;
        RecordingCheck check = new(_asked, static (_, writes) => !writes, static _ => true);
        Assert.True(
            PageWalker.Translate(ref view, tree.State(smap: false), new VirtualAddress(Va), MemoryAccess.KernelWrite, ref check).IsMapped);
        Assert.Equal(4, _asked.Count);
    }

    [Theory]
    [InlineData(AccessKind.Read, 0x8000_0001U)]
    [InlineData(AccessKind.Write, 0x8000_0003U)]
    [InlineData(AccessKind.Fetch, 0x8000_0011U)]
    public void A_refused_entry_ends_the_walk_unwritten(AccessKind kind, uint errorCode)
    {
        for (int level = 4; level >= 1; level--)
        {
            _asked.Clear();
            TableTree tree = new TableTree().Map(Va, 0x9000);
            ulong refused = tree.EntryOf(Va, level);
            WalkResult result = Access(tree, kind, (entry, _) => entry != refused, static _ => true);
            Assert.Equal(WalkStatus.RmpViolation, result.Status);
            Assert.Equal(errorCode, result.ErrorCode);
            Assert.Equal((PagingLevel)level, result.Level);
            Assert.Equal(refused, result.Address.Value);
            Assert.Equal(4 - level, tree.Memory.Writes.Count);
            Assert.Equal(4 - level + 1, _asked.Count);
        }
    }

    [Fact]
    public void A_refused_access_reports_the_page_and_leaves_its_entry_marked()
    {
        TableTree tree = new TableTree().Map(Va, 0x4000_0000, 2);
        ulong pa = 0x4000_0000 + (Va & 0x1F_FFFF);
        WalkResult result = Access(tree, AccessKind.Write, static (_, _) => true, address => address != pa);
        Assert.Equal(WalkStatus.RmpViolation, result.Status);
        Assert.Equal(0x8000_0003U, result.ErrorCode);
        Assert.Equal(pa, result.Address.Value);
        Assert.Equal(PageSize.Size2M, result.Size);
        Assert.Equal(TableTree.A | TableTree.D, tree.Memory[tree.EntryOf(Va, 2)] & (TableTree.A | TableTree.D));
    }

    [Fact]
    public void A_user_write_is_refused_with_the_user_bit()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        WalkView view = tree.View;
        RecordingCheck check = new(_asked, static (_, _) => true, static _ => false);
        WalkResult result = PageWalker.Access(
            ref view, tree.State(), new VirtualAddress(Va), new MemoryAccess(AccessKind.Write, IsUser: true), ref check);
        Assert.Equal(0x8000_0007U, result.ErrorCode);
    }

    [Fact]
    public void Ordinary_faults_come_before_the_check()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: TableTree.P);
        Assert.Equal(WalkStatus.RightsViolation, Access(tree, AccessKind.Write, static (_, _) => true, static _ => false).Status);
        tree.Change(Va, 1, static e => e | (1UL << 51));
        Assert.Equal(WalkStatus.MalformedEntry, Access(tree, AccessKind.Write, static (_, _) => true, static _ => false).Status);
        tree.Change(Va, 1, static _ => 0);
        Assert.Equal(WalkStatus.NotPresent, Access(tree, AccessKind.Write, static (_, _) => true, static _ => false).Status);
    }

    [Fact]
    public void A_leaf_that_rights_refuse_is_not_asked_about()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: TableTree.P);
        _ = Access(tree, AccessKind.Write, static (_, _) => true, static _ => true);
        Assert.Equal(3, _asked.Count);
    }

    private WalkResult Access(TableTree tree, AccessKind kind, Func<ulong, bool, bool> entries, Func<ulong, bool> accesses)
    {
        WalkView view = tree.View;
        RecordingCheck check = new(_asked, entries, accesses);
        return PageWalker.Access(ref view, tree.State(smep: false, smap: false), new VirtualAddress(Va), new MemoryAccess(kind), ref check);
    }
}
