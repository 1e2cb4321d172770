using System;
using System.Threading;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Walkers that set Accessed and Dirty while others change the same entries: no mark and no change is lost.</summary>
public sealed class ConcurrentMarksTests
{
    private const ulong Start = 0x10_0000UL;
    private const ulong VaBase = 0x4000_0000_0000UL;
    private const ulong Software = 1UL << 9;
    private const ulong Counter = 1UL << 52; // seven bits for software
    private const ulong CounterMask = 0x7FUL << 52;
    private const int Rounds = 300;
    private const int Pages = 512;

    [Fact]
    public void Marks_of_two_walkers_and_changes_of_a_third_writer_all_survive()
    {
        using PinnedMemory block = PinnedMemory.Allocate(4 * 0x1000);
        PagingState state = new(PhysicalAddress.Create(Start), PagingMode.FourLevel, ProcessorModel.Genoa);
        int contended = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Build(block);
            using Barrier start = new(3);
            Thread reader = new(() => Walk(block, state, start, MemoryAccess.KernelRead, ref contended));
            Thread writer = new(() => Walk(block, state, start, MemoryAccess.KernelWrite, ref contended));
            reader.Start();
            writer.Start();
            PinnedMemoryView view = block.View(PhysicalAddress.Create(Start));
            start.SignalAndWait();
            for (int page = 0; page < Pages; page++)
            {
                for (int change = 0; change < 3; change++)
                {
                    Raise(ref view, Leaf(page));
                }
            }

            reader.Join();
            writer.Join();
            for (int page = 0; page < Pages; page++)
            {
                ulong expected = ((ulong)page << 12) | TableTree.P | TableTree.W | TableTree.A | TableTree.D | (3 * Counter);
                Assert.True(view.TryRead(Leaf(page), out ulong leaf));
                Assert.Equal(expected, leaf);
            }

            for (int level = 4; level > 1; level--)
            {
                Assert.True(view.TryRead(PhysicalAddress.Create(Upper(level)), out ulong entry));
                Assert.Equal(TableTree.A, entry & (TableTree.A | TableTree.D));
            }
        }

        Assert.Equal(0, contended);
    }

    [Fact]
    public void A_walk_that_loses_a_race_judges_the_fresh_entry()
    {
        using PinnedMemory block = PinnedMemory.Allocate(4 * 0x1000);
        PagingState state = new(PhysicalAddress.Create(Start), PagingMode.FourLevel, ProcessorModel.Genoa);
        for (int round = 0; round < Rounds; round++)
        {
            Build(block);
            using Barrier start = new(2);
            Thread thief = new(() =>
            {
                // Takes R/W away by compare-exchange: from then on no write may be marked.
                PinnedMemoryView view = block.View(PhysicalAddress.Create(Start));
                start.SignalAndWait();
                for (int page = 0; page < Pages; page++)
                {
                    Change(ref view, Leaf(page), static entry => (entry & ~TableTree.W) | ((entry & TableTree.D) != 0 ? Software : 0));
                }
            });
            thief.Start();
            PinnedMemoryView own = block.View(PhysicalAddress.Create(Start));
            NoCheck check = default;
            Span<bool> written = new bool[Pages];
            start.SignalAndWait();
            for (int page = Pages - 1; page >= 0; page--)
            {
                WalkResult result = PageWalker.Access(ref own, state, Va(page), MemoryAccess.KernelWrite, ref check);
                Assert.True(result.Status is WalkStatus.Mapped or WalkStatus.RightsViolation);
                written[page] = result.IsMapped;
            }

            thief.Join();
            for (int page = 0; page < Pages; page++)
            {
                Assert.True(own.TryRead(Leaf(page), out ulong leaf));
                Assert.Equal(written[page], (leaf & TableTree.D) != 0);
                Assert.Equal(written[page], (leaf & Software) != 0); // the mark came before the right was taken
            }
        }
    }

    private static void Walk(PinnedMemory block, in PagingState state, Barrier start, MemoryAccess access, ref int contended)
    {
        PinnedMemoryView view = block.View(PhysicalAddress.Create(Start));
        NoCheck check = default;
        start.SignalAndWait();
        for (int page = 0; page < Pages; page++)
        {
            WalkResult result = PageWalker.Access(ref view, state, Va(page), access, ref check);
            if (!result.IsMapped) Interlocked.Increment(ref contended);
        }
    }

    private static void Build(PinnedMemory block)
    {
        block.Span(0, 4 * 0x1000).Clear();
        PinnedMemoryView view = block.View(PhysicalAddress.Create(Start));
        for (int level = 4; level > 1; level--)
        {
            ulong next = Start + ((ulong)(5 - level) << 12);
            Assert.True(view.TryCompareExchange(PhysicalAddress.Create(Upper(level)), next | TableTree.P | TableTree.W, 0, out _));
        }

        for (int page = 0; page < Pages; page++)
        {
            Assert.True(view.TryCompareExchange(Leaf(page), ((ulong)page << 12) | TableTree.P | TableTree.W, 0, out _));
        }
    }

    private static void Raise(ref PinnedMemoryView view, PhysicalAddress leaf) =>
        Change(ref view, leaf, static entry => (entry & ~CounterMask) | ((entry & CounterMask) + Counter));

    private static void Change(ref PinnedMemoryView view, PhysicalAddress leaf, Func<ulong, ulong> change)
    {
        ulong prior;
        ulong entry;
        do
        {
            Assert.True(view.TryRead(leaf, out entry));
            Assert.True(view.TryCompareExchange(leaf, change(entry), entry, out prior));
        }
        while (prior != entry);
    }

    private static VirtualAddress Va(int page) => new(VaBase + ((ulong)page << 12));

    private static ulong Upper(int level) => Start + ((ulong)(4 - level) << 12) + (8 * TableTree.Index(VaBase, level));

    private static PhysicalAddress Leaf(int page) => PhysicalAddress.Create(Start + 0x3000 + (8 * (ulong)page));
}
