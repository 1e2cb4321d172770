using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>What each invalidation takes and leaves, and which instructions of the RMP a kept verdict does not survive.</summary>
public sealed class TranslationCacheTests : IDisposable
{
    private const ulong Small = 0x4000_0123UL;
    private const ulong GlobalPage = 0x4000_1123UL;
    private const ulong Large = 0x4020_1123UL;
    private const ulong Huge = 0x8020_1123UL;
    private const ulong G = 1UL << 8;
    private const ulong Page = 0x20_1000UL;
    private const ulong Region = 0x20_0000UL;

    private readonly ReverseMapTable<RmpGeometry> _table = ReverseMapTable.Covering(16UL << 20, ProcessorModel.Genoa);
    private readonly TableTree _tree = new TableTree(start: 0x80_0000)
        .Map(Small, Page).Map(GlobalPage, 0x20_2000, flags: TableTree.P | TableTree.W | TableTree.U | G)
        .Map(Large, 0x40_0000, leafLevel: 2).Map(Huge, 0, leafLevel: 3);

    private PagingState State => _tree.State(smap: false);

    private static readonly ulong[] All = [Small, GlobalPage, Large, Huge];

    public void Dispose() => _table.Dispose();

    [Fact]
    public void Pages_of_all_sizes_are_found_after_a_walk_and_no_sooner()
    {
        TranslationCache<RmpGeometry> cache = Loaded();
        foreach (ulong address in All)
        {
            Assert.False(Finds(cache, address));
            WalkView view = _tree.View;
            WalkResult walk = cache.Access(ref view, new VirtualAddress(address), MemoryAccess.KernelWrite);
            Assert.True(cache.TryTranslate(new VirtualAddress(address), MemoryAccess.KernelWrite, out PhysicalAddress target));
            Assert.Equal(walk.Address, target);
            Assert.False(cache.TryTranslate(new VirtualAddress(address), new MemoryAccess(AccessKind.Write, IsUser: true), out _));
            Assert.False(cache.TryTranslate(new VirtualAddress(address), MemoryAccess.KernelFetch, out _));
        }

        Assert.True(Finds(cache, Large + 0x5_0000)); // of the same 2 MiB
        Assert.True(Finds(cache, Huge + 0x5_0000)); // the piece of the 1 GiB page
        Assert.False(Finds(cache, Huge + 0x40_0000)); // another piece
    }

    [Fact]
    public void INVLPG_takes_the_page_alone_global_or_not()
    {
        foreach (ulong address in All)
        {
            TranslationCache<RmpGeometry> cache = Filled();
            cache.InvalidatePage(new VirtualAddress(address + 0x800));
            Assert.Equal(All.Where(other => other != address), All.Where(other => Finds(cache, other)));
        }
    }

    [Fact]
    public void INVLPG_takes_all_pieces_of_a_page()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        Touch(cache, Huge + 0x40_0000);
        cache.InvalidatePage(new VirtualAddress(Huge + 0x3000_0000));
        Assert.False(Finds(cache, Huge) || Finds(cache, Huge + 0x40_0000));
        Assert.True(Finds(cache, Large));
    }

    [Fact]
    public void MOV_CR3_takes_what_its_PCID_has_but_for_global_pages()
    {
        TranslationCache<RmpGeometry> cache = Loaded(pcid: 1);
        Touch(cache, All);
        cache.WriteCr3(State, pcid: 2, noFlush: true);
        Assert.Equal([GlobalPage], All.Where(address => Finds(cache, address)));
        Touch(cache, All);
        cache.WriteCr3(State, pcid: 1, noFlush: true);
        Assert.Equal(All, All.Where(address => Finds(cache, address)));
        cache.WriteCr3(State, pcid: 1);
        Assert.Equal([GlobalPage], All.Where(address => Finds(cache, address)));
        cache.WriteCr3(State, pcid: 2, noFlush: true);
        Assert.Equal(All, All.Where(address => Finds(cache, address)));
        Assert.Equal((0, 2), (cache.Asid, cache.Pcid));
    }

    [Theory]
    [InlineData(0x80UL, 0UL, false)] // PGE
    [InlineData(0x80UL, 0x2_0080UL, true)] // PCIDE is set
    [InlineData(0x2_0080UL, 0x80UL, false)]
    [InlineData(0x80UL, 0x1080UL, false)] // LA57
    [InlineData(0x80UL, 0x20_0080UL, true)] // SMAP: by the state
    public void MOV_CR4_takes_everything_or_nothing(ulong before, ulong after, bool keeps)
    {
        TranslationCache<RmpGeometry> cache = Filled();
        cache.WriteCr4(before, after);
        Assert.Equal(keeps ? All : [], All.Where(address => Finds(cache, address)));
    }

    [Fact]
    public void Without_PGE_no_page_is_global()
    {
        TranslationCache<RmpGeometry> cache = new(_table);
        cache.LoadHost(State, globalPages: false);
        Touch(cache, All);
        cache.WriteCr3(State);
        Assert.DoesNotContain(All, address => Finds(cache, address));
    }

    [Fact]
    public void A_guests_translations_are_its_own()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        TranslationCache<ContiguousGeometry> cache = new(setup.Pair.Table);
        WalkView view = new(setup.Memory);
        cache.LoadGuest(setup.State(), 5);
        List<ulong> addresses = setup.Addresses.FindAll(va => setup.Access(va, MemoryAccess.KernelWrite).IsMapped);
        foreach (ulong va in addresses)
        {
            VirtualAddress address = new(va);
            Assert.False(cache.TryTranslate(address, MemoryAccess.KernelWrite, out _));
            NestedWalkResult walk = cache.AccessNested(ref view, address, MemoryAccess.KernelWrite);
            Assert.True(walk.IsMapped, walk.ToString());
            Assert.True(cache.TryTranslate(address, MemoryAccess.KernelWrite, out PhysicalAddress target));
            Assert.Equal(walk.Address, target);
        }

        cache.LoadGuest(setup.State(), 5, vmpl: 1);
        Assert.False(Any());
        cache.LoadGuest(setup.State(), 6);
        Assert.False(Any());
        cache.Invalidate(TlbInvalidation.OfAsid(6));
        cache.Invalidate(TlbInvalidation.OfPageOfAsid(new VirtualAddress(addresses[0]), 6));
        cache.LoadHost(setup.HostState());
        Assert.False(Any());
        cache.LoadGuest(setup.State(), 5);
        Assert.True(addresses.TrueForAll(Finds));
        cache.Invalidate(TlbInvalidation.OfPageOfAsid(new VirtualAddress(addresses[0]), 5));
        Assert.False(Finds(addresses[0]));
        Assert.True(addresses.TrueForAll(va => va == addresses[0] || Finds(va)));
        cache.WriteGuestCr3(setup.State());
        Assert.False(Any());

        bool Finds(ulong va) => cache.TryTranslate(new VirtualAddress(va), MemoryAccess.KernelWrite, out _);
        bool Any() => addresses.Exists(Finds);
    }

    [Fact]
    public void No_verdict_survives_an_instruction_that_changes_an_entry_of_its_region()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        TranslationCache<RmpGeometry> other = Filled();
        RequireWalk(() => _table.RmpUpdate(ExecutionState.Host, At(Page), Operands.Assign(0x1000, 5)));
        RequireWalk(() => _table.RmpUpdate(ExecutionState.Host, At(Page), Operands.Release()));
        RequireWalk(() => _table.RmpUpdate(ExecutionState.Host, At(Region), Operands.Assign(0x20_0000, 5, PageSize.Size2M)));
        RequireWalk(() => _table.PSmash(ExecutionState.Host, At(Region)));
        RequireWalk(() => _table.PValidate(ExecutionState.Guest(5), Of(Page), PageSize.Size4K, validate: true));
        RequireWalk(() => _table.RmpAdjust(ExecutionState.Guest(5), Of(Page), PageSize.Size4K, new RmpAdjustOperand(0x0301)));
        RequireWalk(() => _table.TryWriteRaw(At(Page), default));
        RequireWalk(() => _table.MarkInUse(At(Page)));
        RequireWalk(() => _table.TryUnmarkInUse(At(Page)));
        _ = _table.RmpUpdate(ExecutionState.Host, At(0x60_0000), Operands.Assign(0, 5));
        Touch(cache, Large);
        Assert.True(Finds(cache, Large));

        void RequireWalk(Action instruction)
        {
            Read(cache);
            Read(other);
            instruction();
            Assert.False(FindsRead(cache) || FindsRead(other));
        }

        void Read(TranslationCache<RmpGeometry> one)
        {
            WalkView view = _tree.View;
            Assert.True(one.Access(ref view, new VirtualAddress(Small), MemoryAccess.KernelRead).IsMapped);
            Assert.True(FindsRead(one));
        }

        static bool FindsRead(TranslationCache<RmpGeometry> one) =>
            one.TryTranslate(new VirtualAddress(Small), MemoryAccess.KernelRead, out _);

        static NestedPage Of(ulong page) => new(GuestPhysicalAddress.Create(page), At(page), PageSize.Size4K);
    }

    [Fact]
    public void A_change_of_another_region_takes_nothing()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        _ = _table.RmpUpdate(ExecutionState.Host, At(0x60_0000), Operands.Assign(0, 5));
        Assert.Equal(All, All.Where(address => Finds(cache, address)));
    }

    [Fact]
    public void Registers_without_a_key_fault_are_another_state()
    {
        PagingState With(uint pkru) => new(
            At(_tree.Root), PagingMode.FourLevel, ProcessorModel.Genoa, userKeys: new Pkru(pkru));
        TranslationCache<RmpGeometry> cache = new(_table);
        cache.LoadHost(With(0));
        Touch(cache, Small);
        cache.LoadHost(With(3));
        Assert.False(Finds(cache, Small));
        cache.LoadHost(With(0));
        Assert.True(Finds(cache, Small));
    }

    [Fact]
    public void Numbers_of_rules_that_begin_anew_bring_nothing_back()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        typeof(TranslationCache<RmpGeometry>).GetField("_lastRules", BindingFlags.Instance | BindingFlags.NonPublic)!
            .SetValue(cache, uint.MaxValue);
        for (byte key = 1; key < 4; key++)
        {
            cache.LoadHost(new PagingState(State.Root, State.Mode, ProcessorModel.Genoa, userKeys: new Pkru(key)));
            Assert.DoesNotContain(All, address => Finds(cache, address));
        }
    }

    [Fact]
    public void A_split_and_a_join_of_the_direct_map_reach_every_cache_of_their_domain()
    {
        TlbDomain domain = new();
        HostDirectMap map = new([RangeAt(0, 16UL << 20)], new DirectMapOptions { Processors = domain });
        TranslationCache<RmpGeometry>[] caches = [new(_table, domain: domain), new(_table, 16, domain), new(_table)];
        foreach (TranslationCache<RmpGeometry> cache in caches) cache.LoadHost(map.State);
        Assert.Equal([true, true, true], caches.Select(Write));
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Page), 1));
        Assert.Equal([false, false, true], caches.Select(Finds));
        Assert.Equal([true, true, true], caches.Select(Write));
        Assert.True(map.TryRejoin(At(Page)));
        Assert.Equal([false, false, true], caches.Select(Finds));
        Assert.Equal([true, true, true], caches.Select(Write));
        Assert.Equal(SplitStatus.Changed, map.Zap(At(Page), PageSize.Size4K));
        Assert.Equal([false, false, true], caches.Select(Finds));
        map.Dispose();

        bool Write(TranslationCache<RmpGeometry> cache)
        {
            PinnedMemoryView memory = map.View();
            return cache.Access(ref memory, map.ToVirtual(At(Page)), MemoryAccess.KernelWrite).IsMapped;
        }

        bool Finds(TranslationCache<RmpGeometry> cache) =>
            cache.TryTranslate(map.ToVirtual(At(Page)), MemoryAccess.KernelWrite, out _);
    }

    [Fact]
    public void A_split_of_the_direct_map_leaves_a_guest_what_it_has()
    {
        TlbDomain domain = new();
        using HostDirectMap map = new([RangeAt(0, 16UL << 20)], new DirectMapOptions { Processors = domain });
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        TranslationCache<ContiguousGeometry> cache = new(setup.Pair.Table, domain: domain);
        cache.LoadGuest(setup.State(), 5);
        VirtualAddress address = new(setup.Addresses.Find(va => setup.Access(va, MemoryAccess.KernelWrite).IsMapped));
        WalkView view = new(setup.Memory);
        Assert.True(cache.AccessNested(ref view, address, MemoryAccess.KernelWrite).IsMapped);
        Assert.Equal(SplitStatus.Changed, map.SetMemory4K(At(Page), 1));
        Assert.True(map.TryRejoin(At(Page)));
        Assert.True(cache.TryTranslate(address, MemoryAccess.KernelWrite, out _));
    }

    [Fact]
    public void Who_missed_more_invalidations_than_are_kept_forgets_everything()
    {
        TlbDomain domain = new();
        TranslationCache<RmpGeometry> cache = new(_table, domain: domain);
        cache.LoadHost(State);
        Touch(cache, All);
        for (int i = 0; i < 64; i++) domain.Invalidate(TlbInvalidation.OfAsid(9));
        Assert.Equal(All, All.Where(address => Finds(cache, address)));
        for (int i = 0; i < 65; i++) domain.Invalidate(TlbInvalidation.OfAsid(9));
        Assert.DoesNotContain(All, address => Finds(cache, address));
    }

    [Fact]
    public void Very_many_invalidations_bring_nothing_back()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        cache.Invalidate(TlbInvalidation.Everything);
        for (int i = 0; i < 10_000; i++)
        {
            cache.Invalidate(TlbInvalidation.OfAsid(9));
            Assert.DoesNotContain(All, address => Finds(cache, address));
        }

        for (uint i = 0; i < 1000; i++)
        {
            cache.LoadHost(new PagingState(
                At(_tree.Root), PagingMode.FourLevel, ProcessorModel.Genoa, userKeys: new Pkru(i << 2)), (ushort)(i % 7));
            Assert.DoesNotContain(All, address => Finds(cache, address));
        }
    }

    [Fact]
    public void Without_a_table_nothing_is_checked()
    {
        _ = _table.RmpUpdate(ExecutionState.Host, At(Page), Operands.Assign(0, 5));
        TranslationCache<RmpGeometry> cache = new(null, 16);
        cache.LoadHost(State);
        Touch(cache, All);
        Assert.Equal(All, All.Where(address => Finds(cache, address)));
    }

    [Fact]
    public void An_address_that_is_not_canonical_is_never_found()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        for (int bit = 47; bit < 64; bit++) Assert.False(Finds(cache, Small ^ (1UL << bit)));
    }

    [Fact]
    public void What_is_no_kind_of_access_is_found_as_such_alone()
    {
        TranslationCache<RmpGeometry> cache = Filled();
        WalkView view = _tree.View;
        for (int kind = 3; kind < 256; kind++)
        {
            Assert.False(cache.TryTranslate(new VirtualAddress(Small), new MemoryAccess((AccessKind)kind), out _));
        }

        Assert.True(cache.Translate(ref view, new VirtualAddress(Small), new MemoryAccess((AccessKind)77)).IsMapped);
        Assert.True(cache.TryTranslate(new VirtualAddress(Small), new MemoryAccess((AccessKind)200), out _));
        Assert.False(cache.TryTranslate(new VirtualAddress(Small), new MemoryAccess(AccessKind.Write, IsUser: true), out _));
    }

    [Fact]
    public void Random_registers_and_addresses_are_results()
    {
        Random random = new(1);
        TlbDomain domain = new();
        TranslationCache<RmpGeometry> cache = new(_table, 16, domain);
        cache.LoadHost(State);
        WalkView view = _tree.View;
        for (int i = 0; i < 20_000; i++)
        {
            TlbInvalidation what = new((ulong)random.NextInt64() << random.Next(2), (uint)random.NextInt64(), (uint)random.NextInt64());
            Assert.NotEmpty(what.ToString());
            if (i % 2 == 0) domain.Invalidate(what);
            else cache.Invalidate(what);
            VirtualAddress address = new(random.Next(2) == 0 ? All[i % All.Length] : (ulong)random.NextInt64() << random.Next(2));
            MemoryAccess access = new((AccessKind)random.Next(5), random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
            bool isMapped = cache.Translate(ref view, address, access).IsMapped;
            Assert.Equal(isMapped, cache.TryTranslate(address, access, out _));
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TranslationCache<RmpGeometry>(_table, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TranslationCache<RmpGeometry>(_table, 1 << 21));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TranslationCache<RmpGeometry>(_table, 100));
        TranslationCache<RmpGeometry> cache = new(_table);
        Assert.False(Finds(cache, Small));
        Assert.Throws<InvalidOperationException>(() => Touch(cache, Small));
        Assert.Throws<InvalidOperationException>(() => cache.WriteGuestCr3(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.LoadHost(State, 4096));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.LoadGuest(default(NestedPagingState), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.LoadGuest(default(NestedPagingState), 1, vmpl: 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => TlbInvalidation.OfPcid(0, 4096));
        cache.LoadHost(State);
        WalkView view = _tree.View;
        Assert.Throws<InvalidOperationException>(() => cache.TranslateNested(ref view, default, default));
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        cache.LoadGuest(setup.State(), 5);
        Assert.Throws<InvalidOperationException>(() => cache.WriteCr3(State));
        cache.LoadHost(State);
        Touch(cache, All);
        _table.Dispose();
        Assert.DoesNotContain(All, address => Finds(cache, address));
        Assert.Throws<ObjectDisposedException>(() => Touch(cache, Small));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        TlbDomain domain = new();
        TranslationCache<RmpGeometry> cache = new(_table, 16, domain);
        cache.LoadHost(State);
        int found = 0;
        Allocations.RequireNone(() =>
        {
            cache.LoadHost(State, 1);
            for (ulong i = 0; i < 40; i++)
            {
                VirtualAddress address = new(All[i % 4] + (i << 12));
                WalkView view = _tree.View;
                if (!cache.TryTranslate(address, MemoryAccess.KernelWrite, out _))
                {
                    _ = cache.Access(ref view, address, MemoryAccess.KernelWrite);
                }

                if (cache.TryTranslate(address, MemoryAccess.KernelWrite, out _)) found++;
                _ = _table.RmpUpdate(ExecutionState.Host, At(0x60_0000), Operands.Assign(0, 5));
                _ = _table.RmpUpdate(ExecutionState.Host, At(0x60_0000), Operands.Release());
            }

            cache.InvalidatePage(new VirtualAddress(Small));
            cache.WriteCr3(State);
            domain.Invalidate(TlbInvalidation.OfAsid(0));
        });
        Assert.True(found > 0);
    }

    private TranslationCache<RmpGeometry> Loaded(ushort pcid = 0)
    {
        TranslationCache<RmpGeometry> cache = new(_table);
        cache.LoadHost(State, pcid);
        return cache;
    }

    private TranslationCache<RmpGeometry> Filled()
    {
        TranslationCache<RmpGeometry> cache = Loaded();
        Touch(cache, All);
        return cache;
    }

    private void Touch(TranslationCache<RmpGeometry> cache, params ReadOnlySpan<ulong> addresses)
    {
        foreach (ulong address in addresses)
        {
            WalkView view = _tree.View;
            Assert.True(cache.Access(ref view, new VirtualAddress(address), MemoryAccess.KernelWrite).IsMapped);
        }
    }

    private static bool Finds(TranslationCache<RmpGeometry> cache, ulong address) =>
        cache.TryTranslate(new VirtualAddress(address), MemoryAccess.KernelWrite, out _);
}
