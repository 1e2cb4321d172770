using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// The kernel changes its direct map while another processor executes RMPUPDATE or writes: every schedule of both, with the rule that makes
/// it safe (study, "Races"), and with that rule broken.
/// </summary>
public sealed class HostScheduleTests : IDisposable
{
    private const int Switches = 2;
    private const int Limit = 200_000;
    private const ulong Gpa = 0x4000_0000;

    private static readonly PhysicalAddress Region = PhysicalAddress.Create(0x20_0000);
    private static readonly PhysicalAddress Leaving = Region + 0x1000;
    private static readonly PhysicalAddress Coming = Region + 0x2000;
    private static readonly PhysicalAddress Neighbour = Region + 0x3000;
    private static readonly PhysicalAddress OtherNeighbour = Region + 0x4000;
    private static readonly ContiguousGeometry Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(1UL << 30), 4UL << 20);

    private readonly PinnedMemory _storage = PinnedMemory.Allocate((Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
    private readonly Scheduler _scheduler;

    public HostScheduleTests() => _scheduler = new Scheduler(2, Origin(), HotWords());

    public void Dispose()
    {
        _scheduler.Dispose();
        _storage.Dispose();
    }

    [Fact]
    public void A_join_that_looks_at_the_RMP_again_leaves_no_guests_page_in_a_large_leaf()
    {
        (int joined, int split) = (0, 0);
        Assert.Equal(0, Unsafe(
            static machine => _ = machine.Joining.RmpUpdate(Leaving, default),
            static machine => machine.AssignThenLook(),
            machine =>
            {
                if (machine.IsLarge) joined++;
                else if (machine.Map.Statistics.Rejoins2M != 0) split++;
            }));
        Assert.True(joined > 0 && split > 0, $"{joined} joined, {split} taken back");
    }

    [Fact]
    public void A_join_that_does_not_look_again_does_leave_one() => Assert.NotEqual(0, Unsafe(
        static machine =>
        {
            _ = machine.Plain.RmpUpdate(Leaving, default);
            if (machine.Table.IsHypervisorOwned(Region, PageSize.Size2M)) _ = machine.Map.TryRejoin(Region);
        },
        static machine => machine.AssignThenLook()));

    [Fact]
    public void An_update_after_a_look_at_the_map_alone_does_leave_one() => Assert.NotEqual(0, Unsafe(
        static machine => _ = machine.Joining.RmpUpdate(Leaving, default),
        static machine =>
        {
            machine.Look();
            machine.Assign();
        }));

    [Fact]
    public void A_join_before_the_last_page_left_does_leave_one() => Assert.NotEqual(0, Unsafe(
        static machine => _ = machine.Map.TryRejoin(Region),
        static machine => machine.Look()));

    [Fact]
    public void A_write_beside_a_page_that_comes_passes_if_split_and_flush_come_before_it()
    {
        Action<Machine> split = static machine => machine.Split(Coming);
        Action<Machine> flush = static machine => machine.Flush();
        Action<Machine> assign = static machine => machine.Assign();
        Assert.Equal(0, Refused(isSplit: false, split, flush, assign));
        Assert.NotEqual(0, Refused(isSplit: false, split, assign, flush));
        Assert.NotEqual(0, Refused(isSplit: false, assign));
    }

    [Fact]
    public void A_table_of_a_joined_region_is_used_again_after_the_flush_alone()
    {
        Action<Machine> join = static machine => Assert.True(machine.Map.TryRejoin(Region));
        Action<Machine> flush = static machine => machine.Flush();
        Action<Machine> use = static machine => machine.Split(default);
        Assert.Equal(0, Refused(isSplit: true, join, flush, use));
        Assert.NotEqual(0, Refused(isSplit: true, join, use, flush));
    }

    [Fact]
    public void Of_two_processors_that_fault_on_one_region_one_splits_and_both_write()
    {
        HashSet<(FaultOutcome?, FaultOutcome?)> seen = [];
        Machine? machine = null;
        FaultOutcome?[] outcomes = new FaultOutcome?[2];
        bool[] wrote = new bool[2];
        Action Writer(int number, PhysicalAddress page) => () => wrote[number] = machine!.WriteOnDemand(page, out outcomes[number]);
        _ = _scheduler.Explore(
            [Writer(0, Neighbour), Writer(1, OtherNeighbour)],
            Switches,
            Limit,
            before: () =>
            {
                machine = new Machine(_storage, isSplit: false);
                Array.Clear(outcomes);
            },
            after: () =>
            {
                Assert.True(wrote[0] && wrote[1]);
                Assert.Equal(1, machine!.Map.Statistics.Splits2M);
                _ = seen.Add((outcomes[0], outcomes[1]));
                machine.Dispose();
            });
        Assert.Equal(
            [
                (FaultOutcome.Split, null), (null, FaultOutcome.Split), (FaultOutcome.Split, FaultOutcome.Spurious),
                (FaultOutcome.Spurious, FaultOutcome.Split),
            ],
            seen);
    }

    [Fact]
    public void Between_split_and_write_only_a_join_that_does_not_ask_the_RMP_comes_in()
    {
        Assert.Equal(0, Interrupted(static machine =>
            machine.Table.IsHypervisorOwned(Region, PageSize.Size2M) && machine.Map.TryRejoin(Region)));
        Assert.NotEqual(0, Interrupted(static machine => machine.Map.TryRejoin(Region)));
    }

    /// <summary>Schedules after which a guest's page lies in a large leaf and nobody who assigned it knows.</summary>
    private int Unsafe(Action<Machine> kernel, Action<Machine> other, Action<Machine>? after = null)
    {
        int found = 0;
        Machine? machine = null;
        _ = _scheduler.Explore(
            [() => kernel(machine!), () => other(machine!)],
            Switches,
            Limit,
            before: () => machine = new Machine(_storage, isSplit: true),
            after: () =>
            {
                bool isOwned = !machine!.Table.IsHypervisorOwned(Region, PageSize.Size2M);
                if (machine.IsLarge && isOwned && !machine.SawLarge) found++;
                after?.Invoke(machine);
                machine.Dispose();
            });
        return found;
    }

    /// <summary>Schedules in which a write through a translation that the processor holds is refused, or ends in another page.</summary>
    private int Refused(bool isSplit, params Action<Machine>[] kernel)
    {
        int found = 0;
        Machine? machine = null;
        _ = _scheduler.Explore(
            [
                () => Array.ForEach(kernel, step => step(machine!)),
                () =>
                {
                    if (!machine!.WriteAsHeld(Neighbour)) found++;
                },
            ],
            Switches,
            Limit,
            before: () => machine = new Machine(_storage, isSplit, isOwned: false),
            after: () => machine!.Dispose());
        return found;
    }

    /// <summary>Schedules in which a write is refused after its fault was handled.</summary>
    private int Interrupted(Func<Machine, bool> join)
    {
        int found = 0;
        Machine? machine = null;
        _ = _scheduler.Explore(
            [
                () =>
                {
                    if (!machine!.WriteOnDemand(Neighbour, out _)) found++;
                },
                () => _ = Scheduler.Locked(() => join(machine!)),
            ],
            Switches,
            Limit,
            before: () => machine = new Machine(_storage, isSplit: false),
            after: () => machine!.Dispose());
        return found;
    }

    private unsafe nuint Origin() => (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(
        ref MemoryMarshal.GetReference(_storage.Span(0, 8)));

    private bool[] HotWords()
    {
        bool[] words = new bool[_storage.Length / sizeof(ulong)];
        foreach (PhysicalAddress page in (PhysicalAddress[])[Region, Leaving, Coming])
        {
            Assert.True(Geometry.TryGetEntryAddress(page, out PhysicalAddress entry));
            words[(entry - Geometry.Base) / sizeof(ulong)] = true;
        }

        return words;
    }

    /// <summary>A host of 4 MiB. A guest has one page of the second region, which is small in the direct map or not.</summary>
    private sealed class Machine : IDisposable
    {
        private int _flushes;

        internal Machine(PinnedMemory storage, bool isSplit, bool isOwned = true)
        {
            storage.Span(0, (int)storage.Length).Clear();
            Table = new ReverseMapTable<ContiguousGeometry>(Geometry, storage, ProcessorModel.Genoa, ModelChoices.Default);
            Map = new HostDirectMap(
                [new PhysicalRange(default, 4UL << 20)], new DirectMapOptions { TableBase = PhysicalAddress.Create(2UL << 30) });
            Joining = Host<Rejoining<LevelAware>>();
            Plain = Host<LevelAware>();
            OnDemand = Host<OnDemand>();
            if (isSplit) Assert.Equal(SplitStatus.Changed, Map.SetMemory4K(Leaving, 1));
            if (isOwned) Assert.True(Update(Leaving));
        }

        internal ReverseMapTable<ContiguousGeometry> Table { get; }

        internal HostDirectMap Map { get; }

        internal SnpHost<ContiguousGeometry, Rejoining<LevelAware>> Joining { get; }

        internal SnpHost<ContiguousGeometry, LevelAware> Plain { get; }

        internal SnpHost<ContiguousGeometry, OnDemand> OnDemand { get; }

        internal bool SawLarge { get; private set; }

        internal bool IsLarge => Map.TryGetMapping(Region, out PageSize size) && size != PageSize.Size4K;

        public void Dispose()
        {
            Table.Dispose();
            Map.Dispose();
        }

        internal static RmpUpdateOperand Guest(PhysicalAddress page) =>
            new RmpUpdateOperand { Assigned = true, Asid = 1, Gpa = Gpa + page.Value };

        internal SnpHost<ContiguousGeometry, TPolicy> Host<TPolicy>()
            where TPolicy : struct, IDirectMapPolicy
        {
            SnpHost<ContiguousGeometry, TPolicy> host = new(Table, Map);
            host.EnableSnp();
            return host;
        }

        /// <summary>Whether a large leaf is seen: whoever sees one splits it.</summary>
        internal void Look() => SawLarge = IsLarge;

        internal void Assign() => _ = Update(Coming);

        internal void AssignThenLook()
        {
            Assign();
            Look();
        }

        internal void Split(PhysicalAddress page) => Assert.Equal(SplitStatus.Changed, Map.SetMemory4K(page, 1));

        /// <summary>Every processor forgets what it holds, between two of its instructions.</summary>
        internal void Flush() => _flushes++;

        /// <summary>A write by a processor that has read the entry above the leaf before, and looks it up again if it was made to
        /// forget.</summary>
        internal bool WriteAsHeld(PhysicalAddress page)
        {
            (PhysicalAddress leaf, PageSize size, int flushes) = Held(page);
            _ = Table.Lookup(page); // somebody may come in here
            return Scheduler.Locked(() =>
            {
                if (flushes != _flushes) (leaf, size, _) = Held(page);
                PinnedMemoryView memory = Map.View();
                if (!memory.TryRead(leaf, out ulong entry)) return false;
                bool isThere = new PagingEntry(entry).Address.AlignDown(size) == page.AlignDown(size);
                return isThere && RmpCheck.Host(Table, AccessKind.Write, page, size).Value == 0;
            });
        }

        private (PhysicalAddress Leaf, PageSize Size, int Flushes) Held(PhysicalAddress page)
        {
            PinnedMemoryView memory = Map.View();
            NoCheck check = default;
            WalkTrace trace = default;
            int flushes = _flushes;
            _ = PageWalker.Trace(ref memory, Map.State, Map.ToVirtual(page), MemoryAccess.KernelRead, ref check, ref trace);
            WalkStep last = trace.Steps[^1];
            return (last.Address, last.PagingLevel.LeafSize(), flushes);
        }

        /// <summary>A write of the kernel, whose fault the handler resolves under the lock of the page tables.</summary>
        internal bool WriteOnDemand(PhysicalAddress page, out FaultOutcome? handled)
        {
            handled = null;
            WalkResult write = OnDemand.Access(page, AccessKind.Write);
            if (write.IsMapped) return true;
            PageFaultErrorCode code = new(write.ErrorCode);
            handled = Scheduler.Locked(() => OnDemand.HandlePageFault(Map.ToVirtual(page), code));
            return OnDemand.Access(page, AccessKind.Write).IsMapped;
        }

        private bool Update(PhysicalAddress page) => Table.RmpUpdate(Joining.Processor, page, Guest(page)).IsSuccess;
    }
}
