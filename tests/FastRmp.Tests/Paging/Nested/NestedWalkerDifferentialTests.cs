using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>Nested walks through good, damaged and forbidden tables against the reference walker.</summary>
public sealed class NestedWalkerDifferentialTests
{
    public static TheoryData<int, int, bool> Shapes => new()
    {
        { 4, 4, true }, { 4, 5, true }, { 5, 4, true }, { 5, 5, true }, { 4, 4, false }, { 5, 5, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_access_to_a_good_page_ends_as_the_reference_says(int guestLevels, int hostLevels, bool isEncrypted)
    {
        using NestedWorld world = new(guestLevels, hostLevels, isEncrypted);
        NestedDuel duel = new(world);
        foreach (ulong va in world.Addresses)
        {
            for (int kinds = 0; kinds < 6; kinds++)
            {
                duel.HasRmp = true;
                _ = duel.Compare(va, (AccessKind)(kinds % 3), kinds >= 3);
                duel.HasRmp = false;
                Assert.Equal(NestedWalkStatus.Mapped, duel.Compare(va, (AccessKind)(kinds % 3), kinds >= 3).Status);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_bit_of_each_entry_on_the_way_decides_as_the_reference_says(int guestLevels, int hostLevels, bool isEncrypted)
    {
        using NestedWorld world = new(guestLevels, hostLevels, isEncrypted);
        NestedDuel duel = new(world) { HasRmp = false };
        foreach (ulong va in world.Addresses)
        {
            foreach (ulong entry in EntriesOnTheWay(world, va))
            {
                for (int bit = 0; bit < 64; bit++)
                {
                    ulong before = world.Memory[entry];
                    world.Memory[entry] ^= 1UL << bit;
                    duel.GuestNoExecute = bit != 62;
                    duel.HostNoExecute = bit != 61;
                    duel.Gmet = (bit & 1) != 0;
                    for (int kinds = 0; kinds < 6; kinds++)
                    {
                        _ = duel.Compare(va, (AccessKind)(kinds % 3), kinds >= 3);
                    }

                    world.Memory[entry] = before;
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 4, 4, true)]
    [InlineData(2, 4, 5, true)]
    [InlineData(3, 5, 4, true)]
    [InlineData(4, 5, 5, true)]
    [InlineData(5, 4, 4, false)]
    [InlineData(6, 5, 5, false)]
    public void Random_damage_to_tables_and_RMP_ends_as_the_reference_says(int seed, int guestLevels, int hostLevels, bool isEncrypted)
    {
        Random random = new(seed);
        using NestedWorld world = new(guestLevels, hostLevels, isEncrypted);
        NestedDuel duel = new(world);
        for (int round = 0; round < 2500; round++)
        {
            ulong va = world.Addresses[random.Next(world.Addresses.Count)];
            SetUp(duel, random, isEncrypted);
            List<(ulong Address, ulong Value)> before = Damage(world, va, random);
            (ulong Page, ReferenceRawEntry Raw)? entry = random.Next(2) == 0 ? DamageRmp(world, va, random) : null;
            if (random.Next(20) == 0) va ^= 1UL << random.Next(64);
            for (int kinds = 0; kinds < 6; kinds++)
            {
                _ = duel.Compare(va, (AccessKind)(kinds % 3), kinds >= 3, random.Next(2) == 0, random.Next(4) == 0);
            }

            foreach ((ulong address, ulong value) in Enumerable.Reverse(before)) world.Memory[address] = value;
            if (entry is var (page, raw)) world.Pair.Poke(page, raw.Low, raw.High);
        }

        foreach (NestedWalkStatus status in Enum.GetValues<NestedWalkStatus>().Where(static s => s != NestedWalkStatus.Contended))
        {
            bool unlikely = status == NestedWalkStatus.NotValidated && !isEncrypted;
            Assert.True(unlikely || duel.Outcomes[(int)status] > 10, $"{status}: {duel.Outcomes[(int)status]}");
        }
    }

    private static void SetUp(NestedDuel duel, Random random, bool isEncrypted)
    {
        duel.WriteProtect = random.Next(3) != 0;
        duel.GuestNoExecute = random.Next(5) != 0;
        duel.HostNoExecute = random.Next(5) != 0;
        duel.Smep = random.Next(2) == 0;
        duel.Smap = random.Next(2) == 0;
        duel.HostSmep = random.Next(2) == 0;
        duel.Pkru = random.Next(3) == 0 ? (uint)random.Next() & (uint)random.Next() : null;
        duel.HasRmp = random.Next(3) != 0;
        duel.IsSnpGuest = isEncrypted && random.Next(4) != 0;
        duel.Vmpl = (byte)random.Next(4);
        duel.Gmet = random.Next(3) == 0;
        duel.ShadowStacks = random.Next(3) != 0;
        duel.HostPkru = (uint)random.Next() & (uint)random.Next();
        duel.Choices = random.Next(2) == 0 ? ModelChoices.Default : AnyChoices(random);
        duel.VirtualTom = isEncrypted && random.Next(6) == 0 ? NestedWorld.GuestStart + ((ulong)random.Next(12) << 30) : null;
    }

    // That ENC is told of SEV guests is the RMP's choice, too, and these worlds have one RMP: its tests are elsewhere.
    private static ModelChoices AnyChoices(Random random) => new()
    {
        GmetAllowsUserFetches = random.Next(2) == 0,
        GmetAlwaysTellsUser = random.Next(2) == 0,
        NestedKeysApply = random.Next(3) == 0,
        TableFaultsArePageAligned = random.Next(2) == 0,
        MarkOnlyAllowedWalks = random.Next(2) == 0,
        HideEncryptionOfNestedTableWrites = random.Next(2) == 0,
    };

    private static List<(ulong Address, ulong Value)> Damage(NestedWorld world, ulong va, Random random)
    {
        List<(ulong, ulong)> before = [];
        ulong[] entries = [.. EntriesOnTheWay(world, va)];
        for (int i = random.Next(4); i > 0; i--)
        {
            ulong entry = entries[random.Next(entries.Length)];
            before.Add((entry, world.Memory[entry]));
            world.Memory[entry] = random.Next(12) switch
            {
                0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
                1 => world.Memory[entries[random.Next(entries.Length)]],
                2 => world.Memory[entry] | (TableTree.A | TableTree.D),
                _ => world.Memory[entry] ^ (1UL << random.Next(64)),
            };
        }

        return before;
    }

    private static (ulong Page, ReferenceRawEntry Raw)? DamageRmp(NestedWorld world, ulong va, Random random)
    {
        NestedWalkResult good = world.Translate(va, MemoryAccess.KernelRead);
        ulong page = random.Next(3) switch
        {
            0 when good.IsMapped => good.Address.Value & ~(good.NestedSize == PageSize.Size4K ? 0xFFFUL : 0x1F_FFFFUL),
            1 => world.HostRoot + ((ulong)random.Next(8) * 0x1000),
            _ => world.GuestEntry(va, world.GuestLevels - random.Next(2)).Address & ~0xFFFUL,
        };
        if (page >= 0x80_0000) return null;
        ReferenceRawEntry raw = world.Pair.Reference.ReadRaw(page);
        ulong low = raw.Low ^ (1UL << random.Next(5) switch { 0 => 0, 1 => 62, _ => random.Next(12, 64) });
        ulong high = random.Next(2) == 0 ? raw.High : (ulong)random.Next() & 0x1F1F_1F1FUL;
        world.Pair.Poke(page, low, high);
        return (page, raw);
    }

    /// <summary>All entries, of both kinds, that a walk reads in the good world.</summary>
    private static List<ulong> EntriesOnTheWay(NestedWorld world, ulong va)
    {
        WalkView view = new(world.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        _ = NestedWalker.Trace(ref view, world.State(), new VirtualAddress(va), MemoryAccess.KernelRead, ref check, ref trace);
        List<ulong> entries = [];
        foreach (WalkStep step in trace.Steps)
        {
            if (!entries.Contains(step.Address.Value)) entries.Add(step.Address.Value);
        }

        return entries;
    }
}
