using System;
using System.Linq;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>The cache changes no result while its entries are current, and keeps old ones until an invalidation.</summary>
public sealed class PagingStructureCacheTests
{
    private const ulong Va = 0x4000_0123UL;
    private const ulong Elsewhere = 0x7000_4000_0123UL;

    [Theory]
    [InlineData(1, 16, false)]
    [InlineData(2, 1024, false)]
    [InlineData(3, 16, true)]
    [InlineData(4, 64, true)]
    public void Walks_through_the_cache_equal_walks_from_the_root(int seed, int entries, bool extension)
    {
        Random random = new(seed);
        long mapped = 0;
        for (int world = 0; world < 40; world++)
        {
            RandomPaging paging = new(random);
            PagingStructureCache cache = new(paging.State, entries, extension);
            VirtualAddress[] pool = [.. Enumerable.Range(0, 60).Select(_ => new VirtualAddress(paging.AnyAddress()))];
            for (int round = 0; round < 30; round++)
            {
                Edit(paging, cache, pool, random, extension);
                mapped += Compare(paging, cache, Near(pool, random), new MemoryAccess((AccessKind)random.Next(3), random.Next(2) == 0));
            }
        }

        Assert.True(mapped > 5000, $"{mapped} mapped");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_address_that_was_invalidated_is_walked_from_the_root_whatever_else_is_cached(int seed)
    {
        Random random = new(seed);
        for (int world = 0; world < 40; world++)
        {
            RandomPaging paging = new(random);
            PagingStructureCache cache = new(paging.State, 64, translationCacheExtension: true);
            WalkView view = new(paging.Memory);
            for (int round = 0; round < 300; round++)
            {
                VirtualAddress address = new(paging.AnyAddress());
                _ = PageWalker.Translate(ref view, cache, address, MemoryAccess.KernelRead);
                paging.Mutate(address.Value);
                cache.Invalidate(address);
                Assert.Equal(
                    PageWalker.Translate(ref view, paging.State, address, MemoryAccess.KernelRead),
                    PageWalker.Translate(ref view, cache, address, MemoryAccess.KernelRead));
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Changes_of_upper_entries_are_not_seen_before_an_invalidation(int levels)
    {
        for (int level = 2; level <= levels; level++)
        {
            TableTree tree = new TableTree(levels).Map(Va, 0x9000);
            PagingStructureCache cache = new(tree.State());
            Assert.True(Write(tree, cache, Va).IsMapped);
            tree.Change(Va, level, static entry => entry & ~TableTree.W);
            Assert.True(Write(tree, cache, Va).IsMapped);
            cache.Invalidate(new VirtualAddress(Elsewhere)); // without EFER.TCE any address will do
            Assert.Equal(WalkStatus.RightsViolation, Write(tree, cache, Va).Status);
        }
    }

    [Fact]
    public void A_change_of_the_leaf_is_seen_at_once()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000);
        PagingStructureCache cache = new(tree.State());
        Assert.Equal(0x9123UL, Write(tree, cache, Va).Address.Value);
        tree.Change(Va, 1, static _ => 0xA000 | TableTree.P | TableTree.W);
        Assert.Equal(0xA123UL, Write(tree, cache, Va).Address.Value);
        tree.Change(Va, 1, static _ => 0);
        Assert.Equal(WalkStatus.NotPresent, Write(tree, cache, Va).Status);
    }

    [Fact]
    public void With_the_extension_other_addresses_keep_their_entries()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000).Map(Elsewhere, 0xA000);
        PagingStructureCache cache = new(tree.State(), translationCacheExtension: true);
        Assert.True(Write(tree, cache, Va).IsMapped && Write(tree, cache, Elsewhere).IsMapped);
        tree.Change(Va, 2, static _ => 0);
        tree.Change(Elsewhere, 2, static _ => 0);
        cache.Invalidate(new VirtualAddress(Elsewhere));
        Assert.True(Write(tree, cache, Va).IsMapped);
        Assert.Equal(WalkStatus.NotPresent, Write(tree, cache, Elsewhere).Status);
        cache.InvalidateAll();
        Assert.Equal(WalkStatus.NotPresent, Write(tree, cache, Va).Status);
    }

    [Fact]
    public void Another_state_never_hits()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, tableFlags: TableTree.P | TableTree.NX);
        PagingStructureCache cache = new(tree.State());
        Assert.True(Read(tree, cache, Va).IsMapped);
        cache.Load(tree.State(nxe: false));
        Assert.Equal(tree.State(nxe: false), cache.State);
        Assert.Equal(WalkStatus.MalformedEntry, Read(tree, cache, Va).Status);
        cache.Load(tree.State());
        Assert.True(Read(tree, cache, Va).IsMapped);
        tree.Change(Va, 2, static _ => 0);
        cache.Load(tree.State()); // a write of CR3 with the value that it had
        Assert.Equal(WalkStatus.NotPresent, Read(tree, cache, Va).Status);
    }

    [Fact]
    public void Entries_do_not_come_back_after_very_many_invalidations()
    {
        const int Generations = 1 << 28;
        TableTree tree = new TableTree().Map(Va, 0x9000);
        PagingStructureCache cache = new(tree.State());
        Assert.True(Write(tree, cache, Va).IsMapped);
        tree.Change(Va, 2, static _ => 0);
        for (int i = 1; i < Generations; i++)
        {
            cache.InvalidateAll();
        }

        Assert.Equal(WalkStatus.NotPresent, Write(tree, cache, Va).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-16)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(1 << 21)]
    public void An_impossible_size_is_refused(int entries) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(entries), () => new PagingStructureCache(new TableTree().State(), entries));

    // Without the extension one invalidation of any address is enough for all changes; with it, everything is forgotten to be sure.
    private static void Edit(RandomPaging paging, PagingStructureCache cache, VirtualAddress[] pool, Random random, bool extension)
    {
        if (random.Next(3) != 0) return;
        foreach (VirtualAddress address in pool.Take(random.Next(1, 5)))
        {
            paging.Mutate(address.Value);
        }

        if (extension)
        {
            cache.InvalidateAll();
        }
        else
        {
            cache.Invalidate(pool[random.Next(pool.Length)]);
        }
    }

    // The pool again, many of them on another page of the same or the next region.
    private static VirtualAddress[] Near(VirtualAddress[] pool, Random random) =>
        [
            .. pool.Select(
                address =>
                    new VirtualAddress(address.Value ^ ((ulong)random.Next(1 << 23) & (random.Next(2) == 0 ? 0x3FFFUL : 0x7F_FFFFUL)))),
        ];

    private static int Compare(RandomPaging paging, PagingStructureCache cache, VirtualAddress[] addresses, MemoryAccess access)
    {
        WalkView view = new(paging.Memory);
        WalkResult[] plain = new WalkResult[addresses.Length];
        WalkResult[] batch = new WalkResult[addresses.Length];
        PageWalker.Translate(ref view, paging.State, addresses, access, plain);
        for (int i = 0; i < addresses.Length; i += 2)
        {
            Assert.Equal(plain[i], PageWalker.Translate(ref view, cache, addresses[i], access));
        }

        PageWalker.Translate(ref view, cache, addresses, access, batch);
        Assert.Equal(plain, batch);
        return plain.Count(static result => result.IsMapped);
    }

    private static WalkResult Read(TableTree tree, PagingStructureCache cache, ulong va)
    {
        WalkView view = tree.View;
        return PageWalker.Translate(ref view, cache, new VirtualAddress(va), MemoryAccess.KernelRead);
    }

    private static WalkResult Write(TableTree tree, PagingStructureCache cache, ulong va)
    {
        WalkView view = tree.View;
        return PageWalker.Translate(ref view, cache, new VirtualAddress(va), MemoryAccess.KernelWrite with { MayTouchUserPages = true });
    }
}
