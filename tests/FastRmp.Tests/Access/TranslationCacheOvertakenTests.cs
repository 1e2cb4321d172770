using System;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>Walks of a translation cache during which another processor invalidates translations, between two of their reads.</summary>
public sealed class TranslationCacheOvertakenTests : IDisposable
{
    private const ulong Region = 0x20_0000UL;
    private const ulong OtherRegion = 0x60_0000UL;
    private const ulong Page = 0x20_1123UL;
    private const int Levels = 4;

    private readonly TlbDomain _domain = new();
    private readonly ReverseMapTable<RmpGeometry> _table = ReverseMapTable.Covering(16UL << 20, ProcessorModel.Genoa);
    private readonly HostDirectMap _map;

    public TranslationCacheOvertakenTests() =>
        _map = new HostDirectMap([RangeAt(0, 16UL << 20)], new DirectMapOptions { Processors = _domain });

    public void Dispose()
    {
        _map.Dispose();
        _table.Dispose();
    }

    [Fact]
    public void A_walk_does_not_go_through_a_table_that_a_join_gave_back_and_a_split_took()
    {
        TranslationCache<RmpGeometry> cache = new(_table, domain: _domain);
        cache.LoadHost(_map.State);
        Assert.Equal(SplitStatus.Changed, _map.SetMemory4K(At(Region), 1));
        int reads = 0;
        InterruptedView<PinnedMemoryView> memory = new(_map.View(), () =>
        {
            if (++reads != Levels) return; // the walk has read where the page table is, and is about to read the page table
            Assert.True(_map.TryRejoin(At(Region)));
            Assert.Equal(SplitStatus.Changed, _map.SetMemory4K(At(OtherRegion), 1));
        });
        WalkResult walk = cache.Access(ref memory, _map.ToVirtual(At(Page)), MemoryAccess.KernelWrite);
        Assert.Equal((WalkStatus.Mapped, At(Page), PageSize.Size2M), (walk.Status, walk.Address, walk.Size));
        Assert.True(cache.TryTranslate(_map.ToVirtual(At(Page)), MemoryAccess.KernelWrite, out PhysicalAddress target));
        Assert.Equal(At(Page), target);
    }

    [Fact]
    public void A_table_is_whole_until_the_flush_of_a_join()
    {
        Assert.Equal(SplitStatus.Changed, _map.SetMemory4K(At(Region), 1));
        PhysicalAddress table = _map.Tables.Start + ((ulong)(_map.Statistics.TablePages - 1) * 0x1000);
        Assert.True(_map.View().TryRead(table, out ulong before));
        Listener listener = new(_map, table);
        _ = _domain.Add(listener);
        Assert.True(_map.TryRejoin(At(Region)));
        Assert.Equal(before, listener.Seen);
        Assert.Equal(At(Region), new PagingEntry(before).Address); // it was the region's
    }

    [Fact]
    public void A_walk_that_is_overtaken_each_time_is_contended_and_nothing_is_kept()
    {
        TranslationCache<RmpGeometry> cache = new(_table, domain: _domain);
        cache.LoadHost(_map.State);
        InterruptedView<PinnedMemoryView> memory = new(_map.View(), () => _domain.Invalidate(TlbInvalidation.OfAsid(9)));
        VirtualAddress address = _map.ToVirtual(At(Page));
        Assert.Equal(WalkStatus.Contended, cache.Access(ref memory, address, MemoryAccess.KernelWrite).Status);
        WalkResult walk = cache.Translate(ref memory, address, MemoryAccess.KernelWrite);
        Assert.Equal(WalkStatus.Contended, walk.Status);
        Assert.Contains("changed by others each time", walk.ToString(), StringComparison.Ordinal);
        Assert.False(cache.TryTranslate(address, MemoryAccess.KernelWrite, out _));
    }

    [Fact]
    public void A_guests_walk_is_made_again_too()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        TranslationCache<ContiguousGeometry> cache = new(setup.Pair.Table, domain: _domain);
        cache.LoadGuest(setup.State(), 5);
        VirtualAddress address = new(setup.Addresses.Find(va => setup.Access(va, MemoryAccess.KernelWrite).IsMapped));
        int invalidations = 1;
        InterruptedView<WalkView> memory = new(new WalkView(setup.Memory), () =>
        {
            if (invalidations-- > 0) _domain.Invalidate(TlbInvalidation.OfAsid(9));
        });
        Assert.True(cache.AccessNested(ref memory, address, MemoryAccess.KernelWrite).IsMapped);
        Assert.True(cache.TryTranslate(address, MemoryAccess.KernelWrite, out _));
        invalidations = int.MaxValue;
        NestedWalkResult walk = cache.AccessNested(ref memory, address, MemoryAccess.KernelRead);
        Assert.Equal(NestedWalkStatus.Contended, walk.Status);
        Assert.False(string.IsNullOrEmpty(walk.ToString()));
        Assert.Equal(NestedWalkStatus.Contended, cache.TranslateNested(ref memory, address, MemoryAccess.KernelRead).Status);
        Assert.False(cache.TryTranslate(address, MemoryAccess.KernelRead, out _));
    }

    private sealed class Listener(HostDirectMap map, PhysicalAddress table) : ITlbListener
    {
        internal ulong Seen { get; private set; }

        public void Interrupt()
        {
            Assert.True(map.View().TryRead(table, out ulong entry));
            Seen = entry;
        }
    }

    /// <summary>Memory in which another processor does something before each read.</summary>
    private readonly struct InterruptedView<TMemory>(TMemory memory, Action before) : IMutablePhysicalMemory
        where TMemory : struct, IMutablePhysicalMemory
    {
        public bool TryRead(PhysicalAddress address, out ulong value)
        {
            before();
            return memory.TryRead(address, out value);
        }

        public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior) =>
            memory.TryCompareExchange(address, value, comparand, out prior);
    }
}
