using System;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Host;

/// <summary>The host's access check, alone and in a walk. S is one assigned 4 KiB page in region R.</summary>
public sealed class HostRmpCheckTests : IDisposable
{
    private const ulong R2M = 0x20_0000;
    private const ulong S = R2M + 0x5000;
    private const ulong Va = 0x0000_5A5A_5A5A_5A5AUL;

    private readonly ReverseMapTable<ContiguousGeometry> _table = Table(ModelChoices.Default);

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData(S, PageSize.Size4K, true)]
    [InlineData(S + 0xFFF, PageSize.Size4K, true)]
    [InlineData(S - 1, PageSize.Size4K, false)]
    [InlineData(S + 0x1000, PageSize.Size4K, false)]
    [InlineData(R2M, PageSize.Size4K, false)]
    [InlineData(R2M, PageSize.Size2M, true)]
    [InlineData(R2M + 0x1F_FFFF, PageSize.Size2M, true)]
    [InlineData(R2M - 1, PageSize.Size2M, false)]
    [InlineData(R2M + 0x20_0000, PageSize.Size2M, false)]
    [InlineData(S, PageSize.Size1G, true)]
    [InlineData(R2M, PageSize.Size1G, true)]
    [InlineData(0UL, PageSize.Size1G, false)]
    [InlineData(R2M + 0x20_0000, PageSize.Size1G, false)]
    [InlineData(0x4000_0000UL, PageSize.Size1G, false)]
    public void Writes_need_every_page_that_the_mapping_reaches_and_reads_need_nothing(ulong address, PageSize mapping, bool refused)
    {
        Assert.Equal(refused ? 0x8000_0003UL : 0, RmpCheck.Host(_table, AccessKind.Write, At(address), mapping).Value);
        Assert.Equal(refused ? 0x8000_0007UL : 0, RmpCheck.Host(_table, AccessKind.Write, At(address), mapping, isUser: true).Value);
        Assert.Equal(0UL, RmpCheck.Host(_table, AccessKind.Read, At(address), mapping).Value);
        Assert.Equal(0UL, RmpCheck.Host(_table, AccessKind.Fetch, At(address), mapping, isUser: true).Value);
        Assert.Equal(!refused, new HostRmpCheck<ContiguousGeometry>(_table).MayAccess(At(address), mapping, AccessKind.Write));
        Assert.True(new HostRmpCheck<ContiguousGeometry>(null).MayAccess(At(address), mapping, AccessKind.Write));
    }

    [Fact]
    public void A_fixed_page_of_the_hypervisor_may_be_written()
    {
        Assert.True(_table.TryWriteRaw(At(0x40_0000), new RmpEntry(RmpEntry.ImmutableMask, 0)));
        foreach (PageSize mapping in new[] { PageSize.Size4K, PageSize.Size2M, PageSize.Size1G })
        {
            Assert.Equal(default, RmpCheck.Host(_table, AccessKind.Write, At(0x40_0000), mapping));
        }
    }

    [Fact]
    public void A_large_guest_page_is_refused_in_every_page_of_it()
    {
        Assert.True(
            _table.RmpUpdate(ExecutionState.Host, At(0x40_0000), HostRig<FastRmp.DirectMap.Never>.Assigning(PageSize.Size2M)).IsSuccess);
        foreach (ulong address in new[] { 0x40_0000UL, 0x40_1000UL, 0x5F_FFFFUL })
        {
            Assert.Equal(0x8000_0003UL, RmpCheck.Host(_table, AccessKind.Write, At(address), PageSize.Size4K).Value);
            Assert.Equal(0x8000_0003UL, RmpCheck.Host(_table, AccessKind.Write, At(address), PageSize.Size2M).Value);
        }
    }

    [Fact]
    public void A_walk_that_would_mark_an_entry_in_an_assigned_page_is_refused()
    {
        TableTree tree = new TableTree(start: S, pages: 4).Map(Va, 0x9000); // only the top table lies in the assigned page
        WalkResult result = Walk(tree, _table, AccessKind.Read);
        Assert.Equal(WalkStatus.RmpViolation, result.Status);
        Assert.Equal(0x8000_0001U, result.ErrorCode);
        Assert.Equal(PagingLevel.PageMapLevel4, result.Level);
        Assert.Equal(tree.EntryOf(Va, 4), result.Address.Value);
        Assert.Empty(tree.Memory.Writes);
    }

    [Fact]
    public void An_entry_that_needs_no_mark_may_stand_in_an_assigned_page_and_its_neighbours_may_be_marked()
    {
        TableTree tree = new TableTree(start: S, pages: 4).Map(Va, 0x9000);
        tree.Change(Va, 4, static entry => entry | TableTree.A);
        Assert.True(Walk(tree, _table, AccessKind.Write).IsMapped);
        Assert.Equal(3, tree.Memory.Writes.Count);
    }

    [Fact]
    public void The_leaf_of_a_write_is_refused_for_its_dirty_bit()
    {
        TableTree tree = new TableTree(start: S - 0x3000, pages: 4).Map(Va, 0x9000, flags: TableTree.P | TableTree.W | TableTree.A);
        Assert.True(Walk(tree, _table, AccessKind.Read).IsMapped);
        WalkResult write = Walk(tree, _table, AccessKind.Write);
        Assert.Equal(0x8000_0003U, write.ErrorCode);
        Assert.Equal(PagingLevel.PageTable, write.Level);
        Assert.Equal(TableTree.A, tree.Memory[tree.EntryOf(Va, 1)] & (TableTree.A | TableTree.D));
    }

    [Fact]
    public void Checking_mere_reads_of_tables_is_a_choice()
    {
        using ReverseMapTable<ContiguousGeometry> strict = Table(ModelChoices.Default with { CheckTableReads = true });
        TableTree tree = new TableTree(start: S, pages: 4).Map(Va, 0x9000);
        tree.Change(Va, 4, static entry => entry | TableTree.A);
        Assert.Equal(WalkStatus.RmpViolation, Walk(tree, strict, AccessKind.Read).Status);
        WalkView view = tree.View;
        HostRmpCheck<ContiguousGeometry> check = new(strict);
        Assert.Equal(
            WalkStatus.RmpViolation,
            PageWalker.Translate(ref view, tree.State(smap: false), new VirtualAddress(Va), MemoryAccess.KernelRead, ref check).Status);
        HostRmpCheck<ContiguousGeometry> lenient = new(_table);
        Assert.True(
            PageWalker.Translate(ref view, tree.State(smap: false), new VirtualAddress(Va), MemoryAccess.KernelRead, ref lenient).IsMapped);
        Assert.True(new HostRmpCheck<ContiguousGeometry>(null).MayUseEntry(At(S), writes: true));
    }

    [Fact]
    public void Checks_are_equal_that_ask_the_same_table()
    {
        using ReverseMapTable<ContiguousGeometry> other = Table(ModelChoices.Default);
        HostRmpCheck<ContiguousGeometry> check = new(_table);
        Assert.True(check == new HostRmpCheck<ContiguousGeometry>(_table));
        Assert.True(check != new HostRmpCheck<ContiguousGeometry>(other));
        Assert.False(check.Equals((object)default(HostRmpCheck<ContiguousGeometry>)));
        Assert.Equal(check.GetHashCode(), new HostRmpCheck<ContiguousGeometry>(_table).GetHashCode());
    }

    [Fact]
    public void A_check_needs_a_table() =>
        Assert.Throws<ArgumentNullException>(
            "table", () => RmpCheck.Host<ContiguousGeometry>(null!, AccessKind.Write, default, PageSize.Size4K));

    private static WalkResult Walk(TableTree tree, ReverseMapTable<ContiguousGeometry> table, AccessKind kind)
    {
        WalkView view = tree.View;
        HostRmpCheck<ContiguousGeometry> check = new(table);
        return PageWalker.Access(ref view, tree.State(smap: false), new VirtualAddress(Va), new MemoryAccess(kind), ref check);
    }

    private static ReverseMapTable<ContiguousGeometry> Table(ModelChoices choices)
    {
        ReverseMapTable<ContiguousGeometry> table = new(
            ContiguousGeometry.Covering(At(0x100_0000_0000), 0x80_0000), ProcessorModel.Genoa, choices);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(S), HostRig<FastRmp.DirectMap.Never>.Assigning()).IsSuccess);
        return table;
    }
}
