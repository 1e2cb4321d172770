using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace FastRmp.Schedules.Tests;

/// <summary>The rules of the protocol under every schedule, without instructions over them.</summary>
public sealed class ProtocolScheduleTests : IDisposable
{
    private const int Limit = 200_000;
    private const nuint Base = 1024; // the first index that a geometry may give
    private const nuint Sub = Base + 1;
    private const ulong Bytes = 64 << 10;

    private static readonly PhysicalAddress Page = PhysicalAddress.Create(0x1000);
    private static readonly ulong SaveArea = new RmpEntry { Assigned = true, Asid = 5, Vmsa = true }.Low;

    private readonly PinnedMemory _storage = PinnedMemory.Allocate(Bytes);

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void No_count_is_lost_while_a_base_entry_is_published()
    {
        RmpProtocol rmp = Make();
        int runs = Explore(
            3,
            [
                () => rmp.Publish(Base, new RmpEntry { Assigned = true, Asid = 3 }.Low),
                () => Raise(rmp),
                () =>
                {
                    Raise(rmp);
                    RmpProtocol.LowerCount(ref rmp.Entries.Low(Base), rmp.Entries.Low(Base));
                },
            ],
            before: () => rmp.Entries.Low(Base) = RmpEntry.LockMask,
            after: () => Assert.Equal(new RmpEntry { Assigned = true, Asid = 3, SubpageCount = 1 }.Low, rmp.Entries.Low(Base)));
        Assert.True(runs > 50, $"{runs}");
    }

#pragma warning disable CS0436 // the shadow is meant
    [Fact]
    public void Of_a_small_and_a_large_instruction_one_sees_the_other()
    {
        RmpProtocol rmp = Make();
        bool smallGoesOn = false;
        bool largeGoesOn = false;
        int both = 0;
        int neither = 0;
        int runs = Explore(
            3,
            [
                () =>
                    smallGoesOn = TryTake(ref rmp.Entries.Low(Sub), RmpEntry.LockMask)
                        && rmp.IsSmall(Volatile.Read(ref rmp.Entries.Low(Base)))
                        && Volatile.Read(ref rmp.Entries.Low(Sub)) == RmpEntry.LockMask,
                () =>
                    largeGoesOn = TryTake(ref rmp.Entries.Low(Base), RmpEntry.AsidMask)
                        && RmpProtocol.IsPlain(RegionEntries.Union(rmp.Entries, Base), isLarge: false),
            ],
            before: () => _storage.Span(0, (int)Bytes).Clear(),
            after: () =>
            {
                if (smallGoesOn && largeGoesOn) both++;
                if (!smallGoesOn && !largeGoesOn) neither++;
            });
        Assert.Equal(0, both);
        Assert.True(neither > 0, "Each sees the other in some schedule, or the test sees nothing.");
        Assert.True(runs > 5, $"{runs}");
    }

#pragma warning restore CS0436

    [Fact]
    public void A_mark_is_neither_lost_nor_left_set()
    {
        RmpProtocol rmp = Make();
        ulong expected = 0;
        int runs = Explore(
            3,
            [
                () =>
                {
                    _ = rmp.InUse.TryRemove(Page);
                    rmp.SettleMark(Sub, Page);
                },
                () =>
                {
                    ulong low = rmp.Entries.Low(Sub);
                    expected = SaveArea;
                    if (!new LowQuadword(low).IsMarked || !rmp.TryHoldMarked(Sub, low)) return;
                    expected |= RmpEntry.ValidatedMask;
                    rmp.ReleaseMarked(Sub, Page, low | RmpEntry.ValidatedMask);
                },
            ],
            before: () =>
            {
                rmp.Entries.Low(Sub) = SaveArea;
                Assert.True(rmp.TryMark(Sub, Page, rmp.InUse.Reserve(Page)));
            },
            after: () => Assert.Equal(expected, rmp.Entries.Low(Sub)));
        Assert.True(runs > 5, $"{runs}");
    }

    private static void Raise(RmpProtocol rmp) => _ = rmp.RaiseCount(ref rmp.Entries.Low(Base), rmp.Entries.Low(Base), Page);

#pragma warning disable CS0436 // the shadow is meant
    private static bool TryTake(ref ulong word, ulong mask) => Interlocked.CompareExchange(ref word, mask, 0) == 0;
#pragma warning restore CS0436

    private RmpProtocol Make() => new(new EntryStore(_storage), ProcessorModel.Genoa, ModelChoices.Default);

    private unsafe int Explore(int switches, Action[] programs, Action before, Action after)
    {
        bool[] hot = new bool[Bytes / sizeof(ulong)];
        hot[2 * Base] = true;
        hot[2 * Sub] = true;
        nuint origin = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_storage.Span(0, 8)));
        using Scheduler scheduler = new(programs.Length, origin, hot);
        return scheduler.Explore(programs, switches, Limit, before, after);
    }
}
