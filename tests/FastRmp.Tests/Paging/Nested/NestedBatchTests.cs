using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Internals;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>A batch answers what single nested walks answer, in order, for every length and fault; and it reads ahead what they
/// read.</summary>
public sealed class NestedBatchTests
{
    private const int LongestBatch = 40; // a whole group and a bit

    private static readonly NestedWalkResult Untouched =
        new(NestedWalkStatus.Contended, new WalkResult(default, 0xBAD, WalkStatus.Contended, default, default, default), default, 7);

    [Theory]
    [InlineData(4, 4, true)]
    [InlineData(5, 4, true)]
    [InlineData(4, 5, false)]
    [InlineData(5, 5, true)]
    public void Batches_through_damaged_tables_equal_single_walks(int guestLevels, int hostLevels, bool isEncrypted)
    {
        Random random = new(guestLevels + (10 * hostLevels));
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted);
        NestedPagingState[] states =
        [
            setup.State(),
            new(setup.GuestState(wp: false, smep: false), setup.HostState(nxe: false), executeTrap: true),
            new(setup.GuestState(smap: true, keys: new Pkru(4), shadowStacks: true), setup.HostState(), isSnpGuest: isEncrypted),
        ];
        ulong[] entries = [.. Entries(setup)];
        long[] outcomes = new long[8];
        for (int round = 0; round < 8 * (LongestBatch + 1); round++)
        {
            List<(ulong Address, ulong Value)> before = Damage(setup, entries, random);
            VirtualAddress[] addresses = AnyAddresses(setup, random, round % (LongestBatch + 1));
            MemoryAccess access = new((AccessKind)random.Next(3), random.Next(2) == 0, random.Next(2) == 0, random.Next(8) == 0);
            foreach (NestedWalkResult single in Compare(setup, states[round % states.Length], addresses, access, round))
            {
                outcomes[(int)single.Status]++;
            }

            foreach ((ulong address, ulong value) in Enumerable.Reverse(before)) setup.Memory[address] = value;
        }

        foreach (NestedWalkStatus status in Enum.GetValues<NestedWalkStatus>())
        {
            bool isImpossible = status is NestedWalkStatus.Contended or NestedWalkStatus.NotValidated; // nothing is set; all are validated
            Assert.True(isImpossible || outcomes[(int)status] > 20, $"{status}: {outcomes[(int)status]}");
        }
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    public void All_entries_of_a_group_are_read_ahead_and_nothing_is_written(int guestLevels, int hostLevels)
    {
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted: true);
        VirtualAddress[] addresses = [.. setup.Addresses.Select(static va => new VirtualAddress(va))];
        List<(ulong Address, bool IsHint)> notes = [];
        ReadAheadView view = new(setup.Memory, notes);
        NestedWalkResult[] results = new NestedWalkResult[addresses.Length];
        NestedPagingState state = setup.State();
        HashSet<ulong> walked = [];
        int entries = 0;
        foreach (VirtualAddress address in addresses)
        {
            NoCheck check = default;
            WalkTrace trace = default;
            _ = NestedWalker.Trace(ref view, state, address, MemoryAccess.KernelRead, ref check, ref trace);
            entries += trace.Count;
            foreach (WalkStep step in trace.Steps) walked.Add(step.Address.Value);
        }

        notes.Clear();
        Translate(ref view, state, addresses, results, isOneByOne: false);
        HashSet<ulong> ahead = [.. notes.SkipLast(entries).Select(static note => note.Address)]; // then the walks themselves
        Assert.All(notes.TakeLast(entries), static note => Assert.False(note.IsHint));
        Assert.Subset(ahead, walked);
        Assert.True(notes.Count(static note => note.IsHint) > walked.Count / 2);
        notes.Clear();
        Translate(ref view, state, addresses, results, isOneByOne: true);
        Assert.Equal(entries, notes.Count);
        Assert.Equal(0, setup.Memory.Exchanges);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    public void Tables_that_point_at_themselves_are_read_ahead_once_to_the_end(int guestLevels, int hostLevels)
    {
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted: false);
        setup.Memory.Words.Fill(setup.HostRoot | NestedGuestSetup.Good);
        List<(ulong Address, bool IsHint)> notes = [];
        ReadAheadView view = new(setup.Memory, notes);
        NestedWalkResult[] results = new NestedWalkResult[1];
        Translate(ref view, setup.State(), [new VirtualAddress(0x1234_5678_9ABC)], results, isOneByOne: false);
        Assert.True(results[0].IsMapped);
        int walk = (guestLevels * (hostLevels + 1)) + hostLevels;
        Assert.Equal((walk - 1, walk - 1 + walk), (notes.Count(static note => note.IsHint), notes.Count(static note => !note.IsHint)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_check_is_asked_what_single_walks_ask_in_their_order(bool isOneByOne)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        VirtualAddress[] addresses = AnyAddresses(setup, new Random(3), 100);
        WalkView view = new(setup.Memory);
        NestedPagingState state = setup.State();
        Asked single = new([]);
        Asked batch = new([]);
        foreach (VirtualAddress address in addresses)
        {
            _ = NestedWalker.Translate(ref view, state, address, MemoryAccess.KernelRead, ref single);
        }

        BatchPace.OfNestedWalks.Fix(isOneByOne);
        NestedWalker.Translate(ref view, state, addresses, MemoryAccess.KernelRead, ref batch, new NestedWalkResult[100]);
        BatchPace.OfNestedWalks.Fix(null);
        Assert.True(single.Questions.Count > 1000);
        Assert.Equal(single.Questions, batch.Questions);
    }

    [Fact]
    public void Too_little_room_for_results_is_refused_and_nothing_written()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: false);
        WalkView view = new(setup.Memory);
        NestedWalkResult[] results = [Untouched, Untouched];
        Assert.Throws<ArgumentException>(
            "results", () => NestedWalker.Translate(ref view, setup.State(), new VirtualAddress[3], MemoryAccess.KernelRead, results));
        Assert.Equal([Untouched, Untouched], results);
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        VirtualAddress[] addresses = AnyAddresses(setup, new Random(4), 500);
        NestedWalkResult[] results = new NestedWalkResult[addresses.Length];
        NestedPagingState state = setup.State();
        Allocations.RequireNone(Run, rounds: 1);

        void Run()
        {
            WalkView view = new(setup.Memory);
            GuestRmpCheck<ContiguousGeometry> check = new(setup.Pair.Table, NestedGuestSetup.Asid);
            foreach (bool? way in (bool?[])[true, false, null])
            {
                BatchPace.OfNestedWalks.Fix(way);
                NestedWalker.Translate(ref view, state, addresses, MemoryAccess.KernelRead, results);
                NestedWalker.Translate(ref view, state, addresses, MemoryAccess.KernelWrite, ref check, results);
            }
        }
    }

    private static NestedWalkResult[] Compare(
        NestedGuestSetup setup, in NestedPagingState state, VirtualAddress[] addresses, MemoryAccess access, int round)
    {
        WalkView view = new(setup.Memory);
        GuestRmpCheck<ContiguousGeometry> check = new(round % 2 == 0 ? setup.Pair.Table : null, NestedGuestSetup.Asid);
        NestedWalkResult[] single = new NestedWalkResult[addresses.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            single[i] = NestedWalker.Translate(ref view, state, addresses[i], access, ref check);
        }

        NestedWalkResult[] results = new NestedWalkResult[addresses.Length + 3];
        foreach (bool? way in (bool?[])[true, false, null]) // each way, and as the clock decides
        {
            BatchPace.OfNestedWalks.Fix(way);
            results.AsSpan().Fill(Untouched);
            NestedWalker.Translate(ref view, state, addresses, access, ref check, results);
            Assert.Equal([.. single, Untouched, Untouched, Untouched], results);
            if (round % 2 == 0) continue;
            results.AsSpan().Fill(Untouched);
            NestedWalker.Translate(ref view, state, addresses, access, results);
            Assert.Equal([.. single, Untouched, Untouched, Untouched], results);
        }

        return single;
    }

    private static void Translate(
        ref ReadAheadView view, in NestedPagingState state, VirtualAddress[] addresses, NestedWalkResult[] results, bool isOneByOne)
    {
        BatchPace.OfNestedWalks.Fix(isOneByOne);
        NestedWalker.Translate(ref view, state, addresses, MemoryAccess.KernelRead, results);
        BatchPace.OfNestedWalks.Fix(null);
    }

    /// <summary>Where there is an entry.</summary>
    private static IEnumerable<ulong> Entries(NestedGuestSetup setup)
    {
        for (ulong address = setup.Memory.Start; address < setup.Memory.End; address += 8)
        {
            if (setup.Memory[address] != 0) yield return address;
        }
    }

    /// <summary>Inverts a bit of some entries, or replaces one.</summary>
    private static List<(ulong Address, ulong Value)> Damage(NestedGuestSetup setup, ulong[] entries, Random random)
    {
        List<(ulong Address, ulong Value)> before = [];
        for (int i = random.Next(16); i > 0; i--)
        {
            ulong address = entries[random.Next(entries.Length)];
            before.Add((address, setup.Memory[address]));
            setup.Memory[address] = random.Next(8) == 0
                ? (ulong)random.NextInt64(long.MinValue, long.MaxValue)
                : setup.Memory[address] ^ (1UL << random.Next(64));
        }

        return before;
    }

    private static VirtualAddress[] AnyAddresses(NestedGuestSetup setup, Random random, int count)
    {
        VirtualAddress[] addresses = new VirtualAddress[count];
        for (int i = 0; i < count; i++)
        {
            ulong va = setup.Addresses[random.Next(setup.Addresses.Count)];
            addresses[i] = new VirtualAddress(random.Next(10) == 0 ? va ^ (1UL << random.Next(64)) : va);
        }

        return addresses;
    }

    /// <summary>A check that notes what it is asked and forbids some of it.</summary>
    private readonly struct Asked(List<(ulong Address, bool OfPage)> questions) : INestedWalkCheck
    {
        internal List<(ulong Address, bool OfPage)> Questions { get; } = questions;

        public bool MayUseNestedEntry(PhysicalAddress entry, bool writes)
        {
            Questions.Add((entry.Value, false));
            return true;
        }

        public NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate)
        {
            Questions.Add((gpa.Value, false));
            return (address.Value & 0x7000) == 0x7000 ? NestedCheckResult.NotValidated : NestedCheckResult.Allowed;
        }

        public NestedCheckResult CheckAccess(
            GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate)
        {
            Questions.Add((gpa.Value, true));
            return NestedCheckResult.Allowed;
        }
    }
}
