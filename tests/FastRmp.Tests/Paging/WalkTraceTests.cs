using System.Runtime.InteropServices;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Paging;

public sealed class WalkTraceTests
{
    private const ulong Va = 0x0000_5A5A_5A5A_5A5AUL;

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    [InlineData(5, 3)]
    public void A_trace_lists_the_entries_read_from_the_top(int levels, int leafLevel)
    {
        TableTree tree = new TableTree(levels).Map(Va, 0x4000_0000, leafLevel);
        WalkTrace trace = default;
        WalkResult result = Trace(tree, Va, MemoryAccess.KernelRead, ref trace);
        Assert.Equal(tree.Translate(Va, MemoryAccess.KernelRead), result);
        Assert.Equal(levels - leafLevel + 1, trace.Count);
        for (int i = 0; i < trace.Count; i++)
        {
            ulong entry = tree.EntryOf(Va, levels - i);
            Assert.Equal(
                new WalkStep(WalkStage.Host, levels - i, PhysicalAddress.Create(entry), tree.Memory[entry]),
                trace.Steps[i]);
        }
    }

    [Fact]
    public void A_trace_ends_with_the_entry_at_fault()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        tree.Change(Va, 2, static e => e & ~TableTree.P);
        WalkTrace trace = default;
        _ = Trace(tree, Va, MemoryAccess.KernelRead, ref trace);
        Assert.Equal(3, trace.Count);
        Assert.False(trace.Steps[2].Entry.Present);
        Assert.Equal(PagingLevel.PageDirectory, trace.Steps[2].PagingLevel);
    }

    [Fact]
    public void An_entry_outside_memory_is_no_step()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        tree.Change(Va, 3, static _ => 0x8765_4321_0000UL | TableTree.P);
        WalkTrace trace = default;
        Assert.Equal(WalkStatus.OutsideMemory, Trace(tree, Va, MemoryAccess.KernelRead, ref trace).Status);
        Assert.Equal(2, trace.Count);
    }

    [Fact]
    public void A_trace_is_cleared_by_the_next_walk()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        WalkTrace trace = default;
        _ = Trace(tree, Va, MemoryAccess.KernelRead, ref trace);
        Assert.Equal(4, trace.Count);
        _ = Trace(tree, 0x0001_0000_0000_0000UL, MemoryAccess.KernelRead, ref trace);
        Assert.Equal(0, trace.Count);
        Assert.True(trace.Steps.IsEmpty);
        _ = Trace(tree, Va ^ (1UL << 46), MemoryAccess.KernelRead, ref trace);
        Assert.Equal(1, trace.Count);
    }

    [Fact]
    public void A_trace_changes_nothing()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        WalkTrace trace = default;
        _ = Trace(tree, Va, new MemoryAccess(AccessKind.Write, IsUser: true), ref trace);
        Assert.Equal(0, tree.Memory.Exchanges);
    }

    [Fact]
    public void Walks_allocate_nothing()
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x4000);
        TableTree tree = new TableTree(start: 0x8000, pages: 4).Map(Va, 0x4000_0000);
        MemoryMarshal.AsBytes(tree.Memory.Words).CopyTo(memory.Span(0, 0x4000));
        long sum = 0;
        Allocations.RequireNone(() => sum += WalkAll(memory, tree.State()));
        Assert.Equal(101 * 3, sum);
    }

    private static long WalkAll(PinnedMemory memory, in PagingState state)
    {
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x8000));
        NoCheck check = default;
        WalkTrace trace = default;
        VirtualAddress va = new(Va);
        MemoryAccess write = new(AccessKind.Write, IsUser: true);
        long mapped = PageWalker.Translate(ref view, state, va, write).IsMapped ? 1 : 0;
        mapped += PageWalker.Access(ref view, state, va, write, ref check).IsMapped ? 1 : 0;
        mapped += PageWalker.Trace(ref view, state, va, write, ref check, ref trace).IsMapped ? 1 : 0;
        _ = PageWalker.Access(ref view, state, new VirtualAddress(~Va), write, ref check);
        return mapped;
    }

    private static WalkResult Trace(TableTree tree, ulong va, MemoryAccess access, ref WalkTrace trace)
    {
        WalkView view = tree.View;
        NoCheck check = default;
        return PageWalker.Trace(ref view, tree.State(), new VirtualAddress(va), access, ref check, ref trace);
    }
}
