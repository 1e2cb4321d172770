using System.Threading;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>Threads with a cache each write to a page that another thread assigns and releases, through a mapping that it
/// changes.</summary>
[Collection(AloneDefinition.Name)]
public sealed class TranslationCacheStormTests
{
    private const ulong Va = 0x4000_0123UL;
    private const ulong Page = 0x20_1000UL;
    private const ulong OtherPage = 0x40_1000UL;
    private const int Processors = 2;
    private const int Turns = 8_000;

    // Bits of what the changing thread has done, and not begun to undo; a count above them.
    private const long Assigned = 1;
    private const long Moved = 2;
    private const long OneTurn = 4;

    [Fact]
    public void No_processor_finds_what_was_taken_from_it_before()
    {
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(16UL << 20, ProcessorModel.Genoa);
        TableTree tree = new TableTree(start: 0x80_0000).Map(Va, Page);
        TlbDomain domain = new();
        long state = 0;
        string? complaint = null;
        long[] found = new long[Processors];
        Thread[] threads = new Thread[Processors];
        for (int i = 0; i < Processors; i++)
        {
            int number = i;
            TranslationCache<RmpGeometry> cache = new(table, 16, domain);
            threads[i] = new Thread(() => Write(cache, number));
        }

        foreach (Thread thread in threads) thread.Start();
        for (int turn = 0; turn < Turns || Volatile.Read(ref found[0]) == 0 || Volatile.Read(ref found[1]) == 0; turn++)
        {
            Change(turn);
            if (turn % 64 == 0) Thread.Yield();
        }

        Volatile.Write(ref state, -1);
        foreach (Thread thread in threads) thread.Join();
        Assert.Null(complaint);

        void Change(int turn)
        {
            if (turn % 2 == 0)
            {
                Assert.True(table.RmpUpdate(ExecutionState.Host, At(Page), Operands.Assign(Page, 1)).IsSuccess);
                Volatile.Write(ref state, state + OneTurn + Assigned);
                Volatile.Write(ref state, state + OneTurn - Assigned);
                Assert.True(table.RmpUpdate(ExecutionState.Host, At(Page), Operands.Release()).IsSuccess);
                return;
            }

            tree.Change(Va, 1, static entry => entry - Page + OtherPage);
            domain.Invalidate(TlbInvalidation.OfPage(new VirtualAddress(Va), 0, 0));
            Volatile.Write(ref state, state + OneTurn + Moved);
            Volatile.Write(ref state, state + OneTurn - Moved);
            tree.Change(Va, 1, static entry => entry - OtherPage + Page);
            domain.Invalidate(TlbInvalidation.OfPage(new VirtualAddress(Va), 0, 0));
        }

        void Write(TranslationCache<RmpGeometry> cache, int number)
        {
            cache.LoadHost(tree.State(smap: false));
            WalkView view = tree.View;
            while (true)
            {
                long before = Volatile.Read(ref state);
                if (before < 0) return;
                bool finds = cache.TryTranslate(new VirtualAddress(Va), MemoryAccess.KernelWrite, out PhysicalAddress target);
                long after = Volatile.Read(ref state);
                if (finds) Volatile.Write(ref found[number], found[number] + 1);
                else _ = cache.Translate(ref view, new VirtualAddress(Va), MemoryAccess.KernelWrite);
                bool isOfPage = target.Value == Page + 0x123;
                if (finds && before == after && isOfPage && (before & (Assigned | Moved)) != 0) complaint = $"found in state {before}";
            }
        }
    }
}
