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
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted);
        NestedComparison comparison = new(setup);
        foreach (ulong va in setup.Addresses)
        {
            for (int kinds = 0; kinds < 6; kinds++)
            {
                comparison.HasRmp = true;
                _ = comparison.Compare(va, (AccessKind)(kinds % 3), kinds >= 3);
                comparison.HasRmp = false;
                Assert.Equal(NestedWalkStatus.Mapped, comparison.Compare(va, (AccessKind)(kinds % 3), kinds >= 3).Status);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_bit_of_each_entry_on_the_way_decides_as_the_reference_says(int guestLevels, int hostLevels, bool isEncrypted)
    {
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted);
        NestedComparison comparison = new(setup) { HasRmp = false };
        foreach (ulong va in setup.Addresses)
        {
            foreach (ulong entry in EntriesOnTheWay(setup, va))
            {
                for (int bit = 0; bit < 64; bit++)
                {
                    ulong before = setup.Memory[entry];
                    setup.Memory[entry] ^= 1UL << bit;
                    comparison.GuestNoExecute = bit != 62;
                    comparison.HostNoExecute = bit != 61;
                    comparison.Gmet = (bit & 1) != 0;
                    for (int kinds = 0; kinds < 6; kinds++)
                    {
                        _ = comparison.Compare(va, (AccessKind)(kinds % 3), kinds >= 3);
                    }

                    setup.Memory[entry] = before;
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
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted);
        NestedComparison comparison = new(setup);
        for (int round = 0; round < 2500; round++)
        {
            ulong va = setup.Addresses[random.Next(setup.Addresses.Count)];
            SetUp(comparison, random, isEncrypted);
            List<(ulong Address, ulong Value)> before = Damage(setup, va, random);
            (ulong Page, ReferenceRawEntry Raw)? entry = random.Next(2) == 0 ? DamageRmp(setup, va, random) : null;
            if (random.Next(20) == 0) va ^= 1UL << random.Next(64);
            for (int kinds = 0; kinds < 6; kinds++)
            {
                _ = comparison.Compare(va, (AccessKind)(kinds % 3), kinds >= 3, random.Next(2) == 0, random.Next(4) == 0);
            }

            foreach ((ulong address, ulong value) in Enumerable.Reverse(before)) setup.Memory[address] = value;
            if (entry is var (page, raw)) setup.Pair.Poke(page, raw.Low, raw.High);
        }

        foreach (NestedWalkStatus status in Enum.GetValues<NestedWalkStatus>().Where(static s => s != NestedWalkStatus.Contended))
        {
            bool unlikely = status == NestedWalkStatus.NotValidated && !isEncrypted;
            Assert.True(unlikely || comparison.Outcomes[(int)status] > 10, $"{status}: {comparison.Outcomes[(int)status]}");
        }
    }

    private static void SetUp(NestedComparison comparison, Random random, bool isEncrypted)
    {
        comparison.WriteProtect = random.Next(3) != 0;
        comparison.GuestNoExecute = random.Next(5) != 0;
        comparison.HostNoExecute = random.Next(5) != 0;
        comparison.Smep = random.Next(2) == 0;
        comparison.Smap = random.Next(2) == 0;
        comparison.HostSmep = random.Next(2) == 0;
        comparison.Pkru = random.Next(3) == 0 ? (uint)random.Next() & (uint)random.Next() : null;
        comparison.HasRmp = random.Next(3) != 0;
        comparison.IsSnpGuest = isEncrypted && random.Next(4) != 0;
        comparison.Vmpl = (byte)random.Next(4);
        comparison.Gmet = random.Next(3) == 0;
        comparison.ShadowStacks = random.Next(3) != 0;
        comparison.HostPkru = (uint)random.Next() & (uint)random.Next();
        comparison.Choices = random.Next(2) == 0 ? ModelChoices.Default : AnyChoices(random);
        comparison.VirtualTom = isEncrypted && random.Next(6) == 0 ? NestedGuestSetup.GuestStart + ((ulong)random.Next(12) << 30) : null;
    }

    // That ENC is reported for SEV guests is the RMP's choice, too, and these tables have one RMP: its tests are elsewhere.
    private static ModelChoices AnyChoices(Random random) => new()
    {
        GmetAllowsUserFetches = random.Next(2) == 0,
        GmetAlwaysReportsUser = random.Next(2) == 0,
        NestedKeysApply = random.Next(3) == 0,
        TableFaultsArePageAligned = random.Next(2) == 0,
        SetAccessedOnlyIfAllowed = random.Next(2) == 0,
        HideEncryptionOfNestedTableWrites = random.Next(2) == 0,
    };

    private static List<(ulong Address, ulong Value)> Damage(NestedGuestSetup setup, ulong va, Random random)
    {
        List<(ulong, ulong)> before = [];
        ulong[] entries = [.. EntriesOnTheWay(setup, va)];
        for (int i = random.Next(4); i > 0; i--)
        {
            ulong entry = entries[random.Next(entries.Length)];
            before.Add((entry, setup.Memory[entry]));
            setup.Memory[entry] = random.Next(12) switch
            {
                0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
                1 => setup.Memory[entries[random.Next(entries.Length)]],
                2 => setup.Memory[entry] | (TableTree.A | TableTree.D),
                _ => setup.Memory[entry] ^ (1UL << random.Next(64)),
            };
        }

        return before;
    }

    private static (ulong Page, ReferenceRawEntry Raw)? DamageRmp(NestedGuestSetup setup, ulong va, Random random)
    {
        NestedWalkResult good = setup.Translate(va, MemoryAccess.KernelRead);
        ulong page = random.Next(3) switch
        {
            0 when good.IsMapped => good.Address.Value & ~(good.NestedSize == PageSize.Size4K ? 0xFFFUL : 0x1F_FFFFUL),
            1 => setup.HostRoot + ((ulong)random.Next(8) * 0x1000),
            _ => setup.GuestEntry(va, setup.GuestLevels - random.Next(2)).Address & ~0xFFFUL,
        };
        if (page >= 0x80_0000) return null;
        ReferenceRawEntry raw = setup.Pair.Reference.ReadRaw(page);
        ulong low = raw.Low ^ (1UL << random.Next(5) switch { 0 => 0, 1 => 62, _ => random.Next(12, 64) });
        ulong high = random.Next(2) == 0 ? raw.High : (ulong)random.Next() & 0x1F1F_1F1FUL;
        setup.Pair.Poke(page, low, high);
        return (page, raw);
    }

    /// <summary>All entries, of both kinds, that a walk reads in the good setup.</summary>
    private static List<ulong> EntriesOnTheWay(NestedGuestSetup setup, ulong va)
    {
        WalkView view = new(setup.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        _ = NestedWalker.Trace(ref view, setup.State(), new VirtualAddress(va), MemoryAccess.KernelRead, ref check, ref trace);
        List<ulong> entries = [];
        foreach (WalkStep step in trace.Steps)
        {
            if (!entries.Contains(step.Address.Value)) entries.Add(step.Address.Value);
        }

        return entries;
    }
}
