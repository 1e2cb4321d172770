using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Internals;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>A batch of look-ups or checks answers what single ones answer, in order, for every length, and entry, whatever its
/// bytes.</summary>
public sealed class EntryBatchTests
{
    private const ulong Regions = 6;
    private const ulong RegionBytes = ModelPair.RegionBytes;
    private const int LongestBatch = 150; // past what is sampled, and what is prefetched, each twice
    private const int Extra = 3;

    private static readonly PageSize[] Sizes = [PageSize.Size4K, PageSize.Size2M, PageSize.Size1G, (PageSize)7];

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Batches_over_any_entries_equal_single_calls(int seed, bool dmaReadsAreChecked)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), Regions * RegionBytes);
        ModelChoices choices = ModelChoices.Default with { DmaReadsAreChecked = dmaReadsAreChecked };
        using ReverseMapTable<ContiguousGeometry> table = new(geometry, ProcessorModel.Genoa, choices);
        Compare(table, seed);
    }

    [Fact]
    public void Batches_over_a_segmented_RMP_equal_single_calls()
    {
        RmpSegment[] segments = [new RmpSegment(0, 1, 0x10_0000), new RmpSegment(2, 1, 0x200_0000)];
        SegmentedGeometry geometry = new(PhysicalAddress.Create(0x4000_0000), 30, segments, ProcessorModel.Turin);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Turin);
        Compare(table, seed: 4);
    }

    [Fact]
    public void Too_little_room_for_results_is_refused_and_nothing_written()
    {
        using ReverseMapTable<ContiguousGeometry> table = Small();
        PhysicalAddress[] pages = new PhysicalAddress[3];
        PageState[] states = [PageState.Firmware, PageState.Firmware];
        RmpLookup lookup = new(true, true, PageSize.Size1G, default, false);
        RmpLookup[] lookups = [lookup, lookup];
        PageFaultErrorCode[] faults = [new(5), new(5)];
        bool[] passes = [true, true];
        GuestResult[] results = [GuestResult.NotValidated, GuestResult.NotValidated];
        GuestAccess access = new(1, 0, 0, GuestAccessKind.Read, true);
        Assert.Throws<ArgumentException>("results", () => table.StatesOf(pages, states));
        Assert.Throws<ArgumentException>("results", () => table.Lookup(pages, lookups));
        foreach (AccessKind kind in Enum.GetValues<AccessKind>())
        {
            foreach (PageSize size in Sizes)
            {
                Assert.Throws<ArgumentException>("results", () => RmpCheck.Host(table, kind, pages, size, false, faults));
                Assert.Throws<ArgumentException>("results", () => RmpCheck.Device(table, kind, pages, size, passes));
            }
        }

        Assert.Throws<ArgumentException>("results", () => RmpCheck.Guest(table, access, new NestedPage[3], results));
        Assert.Equal([PageState.Firmware, PageState.Firmware], states);
        Assert.Equal([lookup, lookup], lookups);
        Assert.Equal([new(5), new(5)], faults);
        Assert.Equal([true, true], passes);
        Assert.Equal([GuestResult.NotValidated, GuestResult.NotValidated], results);
    }

    [Fact]
    public void A_guest_that_cannot_be_is_refused_also_for_no_page()
    {
        using ReverseMapTable<ContiguousGeometry> table = Small();
        foreach (GuestAccess access in (GuestAccess[])[
            new(1, 4, 0, GuestAccessKind.Read, true), new(1, 0, 4, GuestAccessKind.Read, true), new(1, 0, 0, (GuestAccessKind)99, true)])
        {
            Assert.Throws<ArgumentOutOfRangeException>("access", () => RmpCheck.Guest(table, access, [], []));
        }
    }

    [Fact]
    public void A_table_that_is_missing_or_disposed_is_reported()
    {
        ReverseMapTable<ContiguousGeometry> table = Small();
        ReverseMapTable<ContiguousGeometry> none = null!;
        PhysicalAddress[] page = [default];
        GuestAccess access = new(1, 0, 0, GuestAccessKind.Read, true);
        Assert.Throws<ArgumentNullException>(
            "table", () => RmpCheck.Host(none, AccessKind.Write, page, PageSize.Size4K, false, new PageFaultErrorCode[1]));
        Assert.Throws<ArgumentNullException>("table", () => RmpCheck.Device(none, AccessKind.Write, page, PageSize.Size4K, new bool[1]));
        Assert.Throws<ArgumentNullException>("table", () => RmpCheck.Guest(none, access, new NestedPage[1], new GuestResult[1]));
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.StatesOf(page, new PageState[1]));
        Assert.Throws<ObjectDisposedException>(() => table.Lookup(page, new RmpLookup[1]));
        Assert.Throws<ObjectDisposedException>(
            () => RmpCheck.Host(table, AccessKind.Write, page, PageSize.Size2M, true, new PageFaultErrorCode[1]));
        Assert.Throws<ObjectDisposedException>(() => RmpCheck.Guest(table, access, new NestedPage[1], new GuestResult[1]));
    }

    [Fact]
    public void Batches_allocate_nothing()
    {
        using ReverseMapTable<ContiguousGeometry> table = Small();
        Fill(table, new Random(9), 0, RegionBytes);
        PhysicalAddress[] pages = Addresses(new Random(10), 300);
        NestedPage[] nested = Array.ConvertAll(
            pages, static page => new NestedPage(GuestPhysicalAddress.Create(page.Value), page, PageSize.Size4K));
        PageState[] states = new PageState[pages.Length];
        RmpLookup[] lookups = new RmpLookup[pages.Length];
        PageFaultErrorCode[] faults = new PageFaultErrorCode[pages.Length];
        bool[] passes = new bool[pages.Length];
        GuestResult[] results = new GuestResult[pages.Length];
        Allocations.RequireNone(
            () =>
            {
                table.StatesOf(pages, states);
                table.Lookup(pages, lookups);
                RmpCheck.Host(table, AccessKind.Write, pages, PageSize.Size4K, false, faults);
                RmpCheck.Host(table, AccessKind.Write, pages, PageSize.Size2M, false, faults);
                RmpCheck.Host(table, AccessKind.Read, pages, PageSize.Size2M, false, faults);
                RmpCheck.Device(table, AccessKind.Write, pages, PageSize.Size4K, passes);
                RmpCheck.Guest(table, new GuestAccess(1, 0, 0, GuestAccessKind.Write, true), nested, results);
            },
            rounds: 20);
    }

    [Fact]
    public async Task A_page_that_is_updated_meanwhile_has_one_of_its_two_states()
    {
        const ulong Page = RegionBytes + 0x5000;
        using ReverseMapTable<ContiguousGeometry> table = Small();
        PhysicalAddress page = PhysicalAddress.Create(Page);
        using CancellationTokenSource done = new();
        Task updates = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.True(table.RmpUpdate(ExecutionState.Host, page, Operands.Assign(0x1000, 5)).IsSuccess);
                Assert.True(table.RmpUpdate(ExecutionState.Host, page, Operands.Release()).IsSuccess);
            }
        });
        PhysicalAddress[] pages = new PhysicalAddress[64];
        Array.Fill(pages, page);
        PageState[] states = new PageState[64];
        HashSet<PageState> seen = [];
        for (int i = 0; i < 100_000 && (i < 2000 || seen.Count < 2); i++)
        {
            table.StatesOf(pages, states);
            seen.UnionWith(states);
        }

        await done.CancelAsync();
        await updates;
        Assert.Subset(new HashSet<PageState> { PageState.Hypervisor, PageState.GuestInvalid }, seen);
        Assert.Equal(2, seen.Count);
    }

    private static ReverseMapTable<ContiguousGeometry> Small() =>
        new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), Regions * RegionBytes), ProcessorModel.Genoa);

    private static void Compare<TGeometry>(ReverseMapTable<TGeometry> table, int seed)
        where TGeometry : struct, IRmpGeometry
    {
        Random random = new(seed);
        Fill(table, random, 0, Regions * RegionBytes);
        Fill(table, random, 2UL << 30, RegionBytes);
        HashSet<object> outcomes = [];
        for (int length = 0; length <= LongestBatch; length++)
        {
            PhysicalAddress[] pages = Addresses(random, length);
            BatchPace.OfEntries.Fix((length % 3) switch { 0 => true, 1 => false, _ => null });
            PageSize mapping = Sizes[random.Next(Sizes.Length)];
            AccessKind kind = (AccessKind)random.Next(4);
            bool isUser = random.Next(2) == 0;
            Same<PageState>(table.StatesOf, i => table.StateOf(pages[i]));
            Same<RmpLookup>(table.Lookup, i => table.Lookup(pages[i]));
            Same<PageFaultErrorCode>(
                (all, results) => RmpCheck.Host(table, kind, all, mapping, isUser, results),
                i => RmpCheck.Host(table, kind, pages[i], mapping, isUser));
            Same<bool>(
                (all, results) => RmpCheck.Device(table, kind, all, mapping, results),
                i => RmpCheck.Device(table, kind, pages[i], mapping));
            NestedPage[] nested = Array.ConvertAll(
                pages,
                page => new NestedPage(
                    GuestPhysicalAddress.Create((ulong)random.Next(8) << 12), page, random.Next(2) == 0 ? PageSize.Size4K : mapping));
            GuestAccess access = new(
                (uint)random.Next(4), (byte)random.Next(4), (byte)random.Next(4), (GuestAccessKind)random.Next(6), random.Next(4) != 0,
                random.Next(4) != 0);
            Same<GuestResult>(
                (_, results) => RmpCheck.Guest(table, access, nested, results), i => RmpCheck.Guest(table, access, nested[i]));

            void Same<TResult>(Batch<TResult> batch, Func<int, TResult> single)
                where TResult : struct
            {
                TResult[] results = new TResult[length + Extra];
                batch(pages, results);
                for (int i = 0; i < results.Length; i++)
                {
                    TResult expected = i < length ? single(i) : default;
                    if (!expected.Equals(results[i])) Assert.Fail($"{i} of {length}: {results[i]} instead of {expected}");
                    outcomes.Add(expected);
                }
            }
        }

        BatchPace.OfEntries.Fix(null);
        HashSet<object> expected =
        [
            PageState.Default, PageState.Hypervisor, PageState.GuestValid, PageState.Firmware, true, false,
            new PageFaultErrorCode(0x8000_0003), new PageFaultErrorCode(0x8000_0007), GuestResult.Success, GuestResult.NotValidated,
        ];
        Assert.Superset(expected, outcomes);
    }

    private delegate void Batch<TResult>(ReadOnlySpan<PhysicalAddress> pages, Span<TResult> results);

    /// <summary>Entries that say something, and some that no instruction makes.</summary>
    private static void Fill<TGeometry>(ReverseMapTable<TGeometry> table, Random random, ulong start, ulong length)
        where TGeometry : struct, IRmpGeometry
    {
        for (ulong page = start; page < start + length; page += 0x1000)
        {
            RmpEntry entry = random.Next(6) switch
            {
                0 => new RmpEntry((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64()),
                1 => new RmpEntry(RmpEntry.AssignedMask | RmpEntry.ValidatedMask, 0x1F1F1F) with
                {
                    Asid = (ushort)random.Next(1, 4),
                    Gpa = GuestPhysicalAddress.Create((ulong)random.Next(8) << 12),
                },
                2 => new RmpEntry(RmpEntry.AssignedMask, 0x1F) with
                {
                    Asid = (ushort)random.Next(1, 4),
                    Gpa = GuestPhysicalAddress.Create((ulong)random.Next(8) << 12),
                },
                3 => new RmpEntry(RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask, 0),
                _ => default,
            };
            _ = table.TryWriteRaw(PhysicalAddress.Create(page), entry);
        }
    }

    private static PhysicalAddress[] Addresses(Random random, int count)
    {
        PhysicalAddress[] pages = new PhysicalAddress[count];
        for (int i = 0; i < count; i++)
        {
            ulong address = random.Next(8) switch
            {
                0 => (ulong)random.NextInt64() & PhysicalAddress.ValidMask,
                1 => (2UL << 30) + (ulong)random.NextInt64((long)RegionBytes),
                2 => (ulong)random.Next((int)Regions + 1) * RegionBytes,
                _ => (ulong)random.NextInt64((long)((Regions + 1) * RegionBytes)),
            };
            pages[i] = PhysicalAddress.Create(address);
        }

        return pages;
    }
}
