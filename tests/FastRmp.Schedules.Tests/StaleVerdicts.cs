using System;
using FastRmp.Paging;
using FastRmp.Tests.Rmp;
using Xunit;
using Xunit.Sdk;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// A processor walks and looks into its translation cache while another executes an instruction that changes the RMP, or invalidates what
/// the tables do not say any more: whatever it finds, the RMP allows at the moment of the look, and the tables said since the last
/// invalidation. The mutants of the cache run these schedules, too.
/// </summary>
public static class StaleVerdicts
{
    private const int Switches = 2;
    private const int Limit = 200_000;
    private const ulong Tables = 0x80_0000; // not covered
    private const ulong Region = 0x20_0000;
    private const ulong Page = 0x20_1000;
    private const ulong Beside = 0x20_2000;
    private const ulong Elsewhere = 0x21_0000;
    private const ulong Small = 0x1000; // linear address of Page through 4 KiB, and of Region through 2 MiB
    private const ulong Large = 0x20_1000;
    private const ulong Leaf = Tables + 0x3008;
    private const ulong Flags = 0x67; // P, R/W, U/S, Accessed, Dirty

    private static readonly ContiguousGeometry Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(1UL << 30), 4UL << 20);

    /// <summary>Runs them.</summary>
    /// <returns>The first verdict or translation that should not have been found, or null.</returns>
    public static string? Explore()
    {
        try
        {
            using Machine machine = new();
            Instructions(machine);
            machine.RequireWalkBesideUse();
            Races(machine);
            Invalidations(machine);
            return machine.Found < 100 ? $"{machine.Found} found" : null;
        }
        catch (XunitException complaint)
        {
            return complaint.Message;
        }
    }

    /// <summary>Each instruction that changes an entry of the region, one after the other: afterwards nothing is found.</summary>
    private static void Instructions(Machine machine)
    {
        machine.Reset();
        machine.After("RMPUPDATE", static table => Update(table, Page, Operands.Assign(Page, 1)));
        machine.After("release", static table => Update(table, Page, Operands.Release()));
        machine.After("RMPUPDATE 2M", static table => Update(table, Region, Operands.Assign(Region, 1, PageSize.Size2M)));
        machine.After("PSMASH", static table => _ = table.PSmash(ExecutionState.Host, PhysicalAddress.Create(Region)));
        machine.After(
            "PVALIDATE",
            static table => _ = table.PValidate(ExecutionState.Guest(1), Guests(Page), PageSize.Size4K, validate: true));
        machine.After(
            "RMPADJUST",
            static table => _ = table.RmpAdjust(ExecutionState.Guest(1), Guests(Page), PageSize.Size4K, new RmpAdjustOperand(0x0301)));
        machine.After("a raw write", static table => _ = table.TryWriteRaw(PhysicalAddress.Create(Page), default));
        machine.After("VMRUN", static table => table.MarkInUse(PhysicalAddress.Create(Page)));
        machine.After("#VMEXIT", static table => _ = table.TryUnmarkInUse(PhysicalAddress.Create(Page)));
    }

    private static void Races(Machine machine)
    {
        // The third switch lets a verdict be found that was kept before an update, which goes on, was published.
        machine.Explore(Small, static table => Update(table, Page, Operands.Assign(Page, 1)), Switches + 1);
        machine.Explore(Large, static table => Update(table, Page, Operands.Assign(Page, 1)));
        foreach (ulong address in (ulong[])[Small, Large])
        {
            machine.Explore(address, static table =>
            {
                Update(table, Beside, Operands.Assign(Beside, 1));
                Update(table, Beside, Operands.Release());
            });
            machine.Explore(address, static table => Update(table, Region, Operands.Assign(Region, 1, PageSize.Size2M)));
            machine.Explore(address, static table => table.MarkInUse(PhysicalAddress.Create(Page)));
        }
    }

    /// <summary>The other processor changes the leaf and invalidates.</summary>
    private static void Invalidations(Machine machine)
    {
        machine.ExploreInvalidation(TlbInvalidation.Everything);
        machine.ExploreInvalidation(TlbInvalidation.OfPage(new VirtualAddress(Small), 0, 0));
    }

    private static void Update(ReverseMapTable<ContiguousGeometry> table, ulong page, RmpUpdateOperand operand) =>
        _ = table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand);

    private static NestedPage Guests(ulong page) =>
        new(GuestPhysicalAddress.Create(page), PhysicalAddress.Create(page), PageSize.Size4K);

    /// <summary>Two regions, four tables, and a cache.</summary>
    private sealed class Machine : IDisposable
    {
        private readonly PinnedMemory _storage = PinnedMemory.Allocate((Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        private readonly PinnedMemory _tables = PinnedMemory.Allocate(0x4000);
        private readonly Scheduler _scheduler;
        private readonly PagingState _state =
            new(PhysicalAddress.Create(Tables), PagingMode.FourLevel, ProcessorModel.Genoa);

        private ReverseMapTable<ContiguousGeometry> _table;
        private TlbDomain _domain = new();
        private TranslationCache<ContiguousGeometry> _cache;
        private bool _isDone;
        private string? _complaint;

        internal Machine()
        {
            _scheduler = new Scheduler(2, Origin(), HotWords());
            _table = new ReverseMapTable<ContiguousGeometry>(Geometry, _storage, ProcessorModel.Genoa, ModelChoices.Default);
            _cache = new TranslationCache<ContiguousGeometry>(_table, 16, _domain);
        }

        internal int Found { get; private set; }

        public void Dispose()
        {
            _scheduler.Dispose();
            _table.Dispose();
            _storage.Dispose();
            _tables.Dispose();
        }

        internal void Reset()
        {
            _storage.Span(0, (int)_storage.Length).Clear();
            Write(Tables, (Tables + 0x1000) | Flags);
            Write(Tables + 0x1000, (Tables + 0x2000) | Flags);
            Write(Tables + 0x2000, (Tables + 0x3000) | Flags);
            Write(Tables + 0x2008, Region | Flags | 0x80);
            Write(Leaf, Page | Flags);
            _table.Dispose();
            _table = new ReverseMapTable<ContiguousGeometry>(Geometry, _storage, ProcessorModel.Genoa, ModelChoices.Default);
            _domain = new TlbDomain();
            _cache = new TranslationCache<ContiguousGeometry>(_table, 16, _domain);
            _cache.LoadHost(_state);
            _isDone = false;
        }

        internal void After(string instruction, Action<ReverseMapTable<ContiguousGeometry>> execute)
        {
            MemoryAccess read = MemoryAccess.KernelRead; // passes whatever the entries say
            _ = Walk(Small, read);
            Assert.True(_cache.TryTranslate(new VirtualAddress(Small), read, out _), $"nothing found before {instruction}");
            execute(_table);
            Assert.False(_cache.TryTranslate(new VirtualAddress(Small), read, out _), $"found after {instruction}");
        }

        /// <summary>A page of the large mapping is in use, another is not: what the RMP says of this one counts for it alone.</summary>
        internal void RequireWalkBesideUse()
        {
            const ulong Other = Large - Page + Beside;
            Reset();
            _table.MarkInUse(PhysicalAddress.Create(Page));
            _ = Walk(Other, MemoryAccess.KernelWrite);
            Assert.True(_cache.TryTranslate(new VirtualAddress(Other), MemoryAccess.KernelWrite, out _));
            Assert.False(_cache.TryTranslate(new VirtualAddress(Large), MemoryAccess.KernelWrite, out _), "found a page in use");
        }

        internal void Explore(
            ulong address, Action<ReverseMapTable<ContiguousGeometry>> execute, int switches = Switches) => _ = _scheduler.Explore(
            [
                () =>
                {
                    _ = Walk(address, MemoryAccess.KernelWrite);
                    Look(address);
                    Look(address);
                    _ = Walk(address, MemoryAccess.KernelWrite);
                    Look(address);
                },
                () => execute(_table),
            ],
            switches, Limit, Reset, () => Assert.True(_complaint is null, _complaint));

        internal void ExploreInvalidation(TlbInvalidation what) => _ = _scheduler.Explore(
            [
                () =>
                {
                    WalkForOld();
                    LookForOld();
                    LookForOld();
                    _cache.LoadHost(_state, 1);
                    _cache.LoadHost(_state);
                    LookForOld();
                },
                () =>
                {
                    Write(Leaf, Elsewhere | Flags);
                    _domain.Invalidate(what);
                    _isDone = true;
                },
            ],
            Switches, Limit, Reset, () => Assert.True(_complaint is null, _complaint));

        private WalkResult Walk(ulong address, MemoryAccess access)
        {
            PinnedMemoryView memory = _tables.View(PhysicalAddress.Create(Tables));
            return _cache.Translate(ref memory, new VirtualAddress(address), access);
        }

        /// <summary>No other thread comes between the walk and the look at what is done: the walk's last access is that of the number of
        /// invalidations.</summary>
        private void WalkForOld()
        {
            WalkResult walk = Walk(Small, MemoryAccess.KernelWrite);
            if (_isDone && walk.Address.Value == Page) _complaint = "a walk that was under way ended with what was invalidated";
        }

        /// <summary>No other thread comes between the look and the check: the look's last access is that of the stamp.</summary>
        private void Look(ulong address)
        {
            if (!_cache.TryTranslate(new VirtualAddress(address), MemoryAccess.KernelWrite, out PhysicalAddress target)) return;
            Found++;
            PageSize mapping = address == Large ? PageSize.Size2M : PageSize.Size4K;
            bool passes = Scheduler.Locked(
                () => RmpCheck.Host(_table, AccessKind.Write, target, mapping).Value == 0 && !_table.IsInUse(target));
            if (!passes) _complaint = $"0x{address:x} was found when the RMP did not allow it any more";
        }

        private void LookForOld()
        {
            bool isDone = _isDone;
            if (!_cache.TryTranslate(new VirtualAddress(Small), MemoryAccess.KernelWrite, out PhysicalAddress target)) return;
            Found++;
            if (isDone && target.Value == Page) _complaint = "a translation was found after it was invalidated";
        }

        private void Write(ulong address, ulong value) =>
            System.Runtime.InteropServices.MemoryMarshal.Write(_tables.Span(address - Tables, sizeof(ulong)), value);

        private unsafe nuint Origin() => (nuint)_storage.Pointer;

        private bool[] HotWords()
        {
            bool[] words = new bool[_storage.Length / sizeof(ulong)];
            foreach (ulong page in (ulong[])[Region, Page, Beside])
            {
                Assert.True(Geometry.TryGetEntryAddress(PhysicalAddress.Create(page), out PhysicalAddress entry));
                words[(entry - Geometry.Base) / sizeof(ulong)] = true;
            }

            return words;
        }
    }
}
