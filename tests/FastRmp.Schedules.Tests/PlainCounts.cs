using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;
using Xunit.Sdk;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// Schedules in which each rule is needed about what a thread writes by plain stores: counts by ASID of its own, and versions of regions
/// that others write, too. The mutants of these rules run them, too.
/// </summary>
public static class PlainCounts
{
    private const ulong Gpa = 0x4000_0000;
    private const ulong F = ScheduledRegion.First;
    private const ulong L = ScheduledRegion.Last;
    private const ulong Another = 0x2000;
    private const ulong YetAnother = 0x3000;
    private const int All = int.MaxValue;
    private const int UntilLow = 6; // of a lookup: the version, three of the base entry, the low quadword, and then the high one

    /// <summary>Runs them.</summary>
    /// <returns>What should not have been, or null.</returns>
    public static string? Explore()
    {
        try
        {
            using Machine machine = new();
            Values(machine);
            Orders(machine);
            machine.RequireSum();
            using ScheduledRegion shared = new(3);
            using ScheduledRegion alone = new(3, hasOwnCounters: true);
            Versions(alone);
            ComingBack(shared, [], [], more: 0);
            ComingBack(alone, [Assign(Another)], [Assign(YetAnother)], more: 8);
            return null;
        }
        catch (XunitException complaint)
        {
            return complaint.Message;
        }
    }

    /// <summary>What is read is the count at a moment.</summary>
    private static void Values(Machine machine)
    {
        machine.Explore([F], static read => read.Count(1), static read => read.Counted is 0 or 1, Release(F), Assign(L));
        machine.Explore([F], static read => read.Count(1), static read => read.Counted is 1 or 2, Assign(L), Release(F));
    }

    /// <summary>It has risen before a page is assigned, and falls after the page is released.</summary>
    private static void Orders(Machine machine)
    {
        machine.Explore([], static read => read.Look().Count(1), static read => read.Owner != 1 || read.Counted != 0, Assign(F));
        machine.Explore([F], static read => read.Count(1).Check(), static read => !read.IsAssigned || read.Counted != 0, Release(F));
        Step other = Assign(F, 2);
        machine.Explore([F], static read => read.Look().Count(2), static read => read.Owner != 2 || read.Counted != 0, other);
        machine.Explore([F], static read => read.Count(1).Look(), static read => read.Owner != 1 || read.Counted != 0, other);
    }

    /// <summary>A reader that has seen the entry before a release and after another thread's assignment has seen two versions.</summary>
    private static void Versions(ScheduledRegion region)
    {
        List<Scheduler.Turn[]> schedules = [];
        for (int release = 8; release <= 16; release++)
        {
            schedules.Add([new(2, UntilLow), new(0, release), new(2, 1), new(1, All), new(2, All)]);
        }

        region.Follow(schedules, [Assign(F)], [Release(F)], [Assign(F)], [new Step(StepKind.Lookup, F)]);
    }

    /// <summary>A version never comes back: else a reader would take what was in between for what is there. The reader's first look at the
    /// version has to come after one pair of updates, and between another pair a third thread has to write the version that it made before
    /// both: no few switches lead there.</summary>
    /// <param name="region">The table.</param>
    /// <param name="late">What the third thread does, before it releases a page.</param>
    /// <param name="early">What the other one does before the pairs.</param>
    /// <param name="more">Accesses of either.</param>
    private static void ComingBack(ScheduledRegion region, Step[] late, Step[] early, int more)
    {
        List<Scheduler.Turn[]> schedules = [];
        for (int untilVersion = 6; untilVersion <= 10; untilVersion++)
        {
            for (int pair = 23; pair <= 27; pair++)
            {
                for (int release = 9; release <= 12; release++)
                {
                    schedules.Add(
                    [
                        new(0, more + untilVersion), new(1, more + pair), new(2, UntilLow), new(1, release), new(0, 1), new(2, 1),
                        new(1, All),
                    ]);
                }
            }
        }

        region.Follow(
            schedules, [Assign(F), Assign(L)], [.. late, Release(L)], [.. early, Release(F), Assign(F), Release(F), Assign(F)],
            [new Step(StepKind.Lookup, F)]);
    }

    private static Step Assign(ulong page, uint asid = 1) => new(StepKind.Update, page, Operands.Assign(Gpa + page, asid));

    private static Step Release(ulong page) => new(StepKind.Update, page, Operands.Release());

    /// <summary>What a thread reads.</summary>
    /// <param name="Table">The table.</param>
    /// <param name="Counted">The count, when it was read.</param>
    /// <param name="Owner">The ASID of page F, when it was looked up: 0 if the page is not assigned, or held.</param>
    /// <param name="IsAssigned">Whether the host was not allowed to write there, when it asked.</param>
    private readonly record struct Reading(
        ReverseMapTable<ContiguousGeometry> Table, ulong Counted = 0, uint Owner = 0, bool IsAssigned = false)
    {
        internal Reading Count(uint asid) => this with { Counted = Table.AssignedPages(asid) };

        internal Reading Check() => this with { IsAssigned = !Table.IsHypervisorOwned(PhysicalAddress.Create(F), PageSize.Size4K) };

        internal Reading Look()
        {
            RmpLookup found = Table.Lookup(PhysicalAddress.Create(F));
            return this with { Owner = found is { IsSettled: true, IsAssigned: true } ? (uint)found.Entry.Asid : 0 };
        }
    }

    /// <summary>A table that counts beside its storage, and two threads.</summary>
    private sealed class Machine : IDisposable
    {
        private const int Switches = 2;
        private const int Limit = 200_000;

        private readonly PinnedMemory _storage = PinnedMemory.Allocate((Rules.Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        private readonly Scheduler _scheduler;
        private ReverseMapTable<ContiguousGeometry> _table;

        internal Machine()
        {
            _table = Make();
            _scheduler = new Scheduler(2, Origin(), HotWords());
        }

        public void Dispose()
        {
            _scheduler.Dispose();
            _table.Dispose();
            _storage.Dispose();
        }

        /// <summary>Reads beside instructions of another thread; ASID 1 has some pages before.</summary>
        internal void Explore(ulong[] pages, Func<Reading, Reading> read, Predicate<Reading> isRight, params Step[] steps)
        {
            Reading found = default;
            int runs = _scheduler.Explore(
                [() => found = read(new Reading(_table)), () => Execute(steps)],
                Switches,
                Limit,
                () => Reset(pages),
                () => Assert.True(isRight(found), $"{string.Join(", ", (object[])steps)}: counted {found.Counted}, owner {found.Owner}"));
            Assert.True(runs > 5, $"{runs}");
        }

        /// <summary>Two threads count at once, and nothing is lost.</summary>
        internal void RequireSum() => _ = _scheduler.Explore(
            [() => Execute(Assign(F)), () => Execute(Assign(L), Release(L), Assign(L))],
            Switches,
            Limit,
            () => Reset([]),
            () => Assert.Equal(2UL, _table.AssignedPages(1)));

        private void Execute(params Step[] steps)
        {
            foreach (Step step in steps)
            {
                Assert.True(step.Execute(_table).Result.IsSuccess);
            }
        }

        private void Reset(ulong[] pages)
        {
            _storage.Span(0, (int)_storage.Length).Clear();
            _table.Dispose();
            _table = Make();
            foreach (ulong page in pages)
            {
                Execute(Assign(page));
            }
        }

        private ReverseMapTable<ContiguousGeometry> Make() =>
            new(Rules.Geometry, _storage, ownsStorage: false, Rules.Processor, ModelChoices.Default, isAlone: true);

        private unsafe nuint Origin() => (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_storage.Span(0, 8)));

        private bool[] HotWords()
        {
            bool[] words = new bool[_storage.Length / sizeof(ulong)];
            Assert.True(Rules.Geometry.TryGetIndex(PhysicalAddress.Create(F), out nuint first));
            words[2 * first] = true;
            words[(2 * first) + 1] = true;
            return words;
        }
    }
}
