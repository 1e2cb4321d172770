using System;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>Whatever a cache finds, the tables led to it since the last invalidation, and the RMP allows it at that moment.</summary>
public sealed class TranslationCacheDifferentialTests
{
    private static readonly MemoryAccess[] Accesses =
    [
        MemoryAccess.KernelRead, MemoryAccess.KernelWrite, MemoryAccess.KernelFetch, new(AccessKind.Read, IsUser: true),
        new(AccessKind.Write, IsUser: true), new(AccessKind.Write, MayTouchUserPages: true),
    ];

    [Theory]
    [InlineData(1, false, 16)]
    [InlineData(2, false, 1024)]
    [InlineData(3, true, 16)]
    [InlineData(4, true, 1024)]
    public void What_is_found_is_explained_by_tables_since_the_last_invalidation_and_the_RMP_now(int seed, bool isGuest, int entries)
    {
        const int Worlds = 6;
        const int Rounds = 250;
        Random random = new(seed);
        Tally tally = default;
        for (int world = 0; world < Worlds; world++)
        {
            Run(random, isGuest, entries, Rounds, ref tally);
        }

        Assert.True(tally.Hits > 1000 && tally.Walks > 500, $"{tally}");
        Assert.True(tally.Stale > 10, $"{tally}");
    }

    private static void Run(Random random, bool isGuest, int entries, int rounds, ref Tally tally)
    {
        using TranslationWorld world = new(random, isGuest, random.Next(2) == 0 ? ProcessorModel.Genoa : ProcessorModel.Milan);
        TlbDomain domain = new();
        TranslationCache<RmpGeometry> cache = new(world.Table, entries, domain);
        (int space, int rules, byte vmpl) = (0, 0, 0);
        world.Load(cache, space, rules, vmpl);
        for (int round = 0; round < rounds; round++)
        {
            switch (random.Next(8))
            {
                case 0 or 1:
                    world.ChangeTables();
                    break;
                case 2:
                    world.ChangeRmp();
                    break;
                case 3:
                    (space, rules, vmpl) = (random.Next(2), random.Next(3), (byte)random.Next(2));
                    world.Load(cache, space, rules, vmpl);
                    break;
                case 4:
                    Invalidate(random, world, cache, domain, ref space, rules);
                    break;
                default:
                    break;
            }

            for (int i = 0; i < 8; i++)
            {
                VirtualAddress address = new(TranslationWorld.Addresses[random.Next(TranslationWorld.Addresses.Length)]);
                MemoryAccess access = Accesses[random.Next(Accesses.Length)];
                if (cache.TryTranslate(address, access, out PhysicalAddress target))
                {
                    tally.Hits++;
                    string what = $"{address} {access} at {target}, space {space}, rules {rules}, VMPL {vmpl}, round {round}";
                    Assert.True(world.Explains(space, rules, vmpl, address, access, target), what);
                    if (Walk(world, null, space, rules, vmpl, address, access) != target) tally.Stale++;
                }
                else
                {
                    tally.Walks++;
                    PhysicalAddress? found = Walk(world, cache, space, rules, vmpl, address, access);
                    Assert.Equal(Walk(world, null, space, rules, vmpl, address, access), found);
                    Assert.Equal(found is not null, cache.TryTranslate(address, access, out target));
                    Assert.Equal(found ?? default, target);
                }
            }
        }
    }

    private static void Invalidate(
        Random random, TranslationWorld world, TranslationCache<RmpGeometry> cache, TlbDomain domain, ref int space, int rules)
    {
        ushort asid = world.IsGuest ? TranslationWorld.Asid : (ushort)0;
        ushort pcid = (ushort)random.Next(2);
        VirtualAddress address = new(TranslationWorld.Addresses[random.Next(TranslationWorld.Addresses.Length)]);
        TlbInvalidation what = random.Next(10) switch
        {
            0 => TlbInvalidation.Everything,
            1 => TlbInvalidation.OfAsid(asid),
            2 => TlbInvalidation.OfAsidButGlobal(asid),
            3 => TlbInvalidation.OfPcid(asid, pcid),
            4 => TlbInvalidation.OfPageOfAsid(address, asid),
            5 => TlbInvalidation.OfAsid(7),
            6 => new TlbInvalidation((address.Value & ~0xFFFUL) | (uint)random.Next(16) | 1, (uint)random.Next(3), asid),
            7 => new TlbInvalidation((address.Value & ~0x1F_FFFFUL) | 0xD, 1U << 31, asid),
            _ => TlbInvalidation.OfPage(address, asid, (ushort)space),
        };
        switch (random.Next(4))
        {
            case 0:
                domain.Invalidate(what);
                break;
            case 1 when !world.IsGuest:
                what = TlbInvalidation.OfPcid(0, pcid);
                space = pcid;
                cache.WriteCr3(world.HostState(space, rules), pcid);
                break;
            case 2:
                what = TlbInvalidation.OfPage(address, asid, (ushort)space);
                cache.InvalidatePage(address);
                break;
            default:
                cache.Invalidate(what);
                break;
        }

        world.Note(what);
    }

    private static PhysicalAddress? Walk(
        TranslationWorld world, TranslationCache<RmpGeometry>? cache, int space, int rules, byte vmpl, VirtualAddress address,
        MemoryAccess access)
    {
        WalkView view = world.View;
        if (world.IsGuest)
        {
            GuestRmpCheck<RmpGeometry> check = new(world.Table, TranslationWorld.Asid, vmpl);
            NestedWalkResult nested = cache is not null
                ? cache.TranslateNested(ref view, address, access)
                : NestedWalker.Translate(ref view, world.GuestState(space, rules), address, access, ref check);
            return nested.IsMapped ? nested.Address : null;
        }

        HostRmpCheck<RmpGeometry> host = new(world.Table);
        WalkResult walk = cache is not null
            ? cache.Translate(ref view, address, access)
            : PageWalker.Translate(ref view, world.HostState(space, rules), address, access, ref host);
        return walk.IsMapped ? walk.Address : null;
    }

    private record struct Tally(int Hits, int Walks, int Stale);
}
