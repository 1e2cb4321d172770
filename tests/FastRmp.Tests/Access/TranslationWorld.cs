using System;
using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Rmp;

namespace FastRmp.Tests.Access;

/// <summary>
/// Two address spaces of the host, or of an SNP guest, over two 2 MiB regions of data; random changes of their tables and of the RMP; and
/// what the tables were each time, so that a translation that was found can be traced to one of them.
/// </summary>
internal sealed class TranslationWorld : IDisposable
{
    internal const ushort Asid = 1;
    internal const int Spaces = 2;

    private const ulong Tables = 0x80_0000UL;
    private const int GuestPages = 10; // five tables for each space
    private const int Pages = 16;
    private const ulong Good = TableTree.P | TableTree.W | TableTree.U | TableTree.A | TableTree.D;
    private const ulong Global = 1UL << 8;
    private const ulong EncryptionBit = 1UL << 51;
    private const ulong Gibibyte = 0x4000_0000UL;

    private static readonly ulong[] Targets =
        [0x20_0000, 0x20_1000, 0x20_2000, 0x3F_F000, 0x40_0000, 0x40_1000, 0x40_3000];

    private readonly Random _random;
    private readonly List<ulong[]> _snapshots = [];
    private readonly List<(int Snapshot, TlbInvalidation What)> _invalidations = [];
    private readonly WalkMemory _memory = new(Tables, Pages);
    private readonly List<ulong> _leaves = [];

    internal TranslationWorld(Random random, bool isGuest, ProcessorModel processor)
    {
        _random = random;
        IsGuest = isGuest;
        Table = ReverseMapTable.Covering(16UL << 20, processor);
        for (int space = 0; space < Spaces; space++) MakeSpace(space);
        if (isGuest) MakeNested();
        Snapshot();
    }

    internal bool IsGuest { get; }

    internal ReverseMapTable<RmpGeometry> Table { get; }

    internal WalkView View => new(_memory);

    /// <summary>Pages of 4 KiB, of 2 MiB or 4 KiB, and of 1 GiB.</summary>
    internal static ulong[] Addresses { get; } =
        [0x1123, 0x2123, 0x3123, 0x20_1123, 0x20_3123, 0x3F_F123, Gibibyte + 0x20_1123, Gibibyte + 0x40_1123];

    internal PagingState HostState(int space, int rules) => new(
        At(Root(space)), PagingMode.FourLevel, ProcessorModel.Genoa, writeProtect: rules != 1, smep: rules == 2, smap: rules == 2);

    internal NestedPagingState GuestState(int space, int rules)
    {
        PagingState guest = new(
            At(Root(space)), PagingMode.FourLevel, ProcessorModel.Genoa, writeProtect: rules != 1, smep: rules == 2, smap: rules == 2,
            encryption: new MemoryEncryption(51));
        PagingState host = new(At(Tables + (GuestPages * 0x1000)), PagingMode.FourLevel, ProcessorModel.Genoa);
        return new NestedPagingState(guest, host, isSnpGuest: true);
    }

    internal void Load(TranslationCache<RmpGeometry> cache, int space, int rules, byte vmpl)
    {
        if (IsGuest) cache.LoadGuest(GuestState(space, rules), Asid, vmpl, (ushort)space);
        else cache.LoadHost(HostState(space, rules), (ushort)space);
    }

    /// <summary>Another random leaf, or a table in place of one.</summary>
    internal void ChangeTables()
    {
        ulong entry = _leaves[_random.Next(_leaves.Count)];
        ulong table = (entry - Tables) / 0x1000;
        bool isNested = table >= GuestPages;
        ulong flags = TableTree.P | (_random.Next(4) != 0 ? TableTree.W : 0) | (isNested || _random.Next(3) != 0 ? TableTree.U : 0)
            | (_random.Next(2) == 0 ? Global : 0) | (_random.Next(3) == 0 ? TableTree.NX : 0)
            | (_random.Next(2) == 0 ? TableTree.A : 0) | (_random.Next(2) == 0 ? TableTree.D : 0);
        if (IsGuest && !isNested && _random.Next(2) == 0) flags |= EncryptionBit;
        ulong value = LevelOf(entry) switch
        {
            _ when _random.Next(12) == 0 => 0,
            1 => Targets[_random.Next(Targets.Length)] | flags,
            2 when _random.Next(2) == 0 => (Tables + TableBelow(table)) | Good,
            2 => (_random.Next(2) == 0 ? 0x20_0000UL : 0x40_0000UL) | flags | TableTree.PS,
            _ => flags | TableTree.PS,
        };
        _memory[entry] = value;
        Snapshot();
    }

    /// <summary>A random instruction on a page of data.</summary>
    internal void ChangeRmp()
    {
        ulong page = Targets[_random.Next(Targets.Length)];
        ulong region = page & ~0x1F_FFFFUL;
        uint asid = (uint)_random.Next(1, 3);
        switch (_random.Next(9))
        {
            case 0 or 1:
                _ = Table.RmpUpdate(ExecutionState.Host, At(page), Operands.Assign(page, asid));
                break;
            case 2:
                _ = Table.RmpUpdate(ExecutionState.Host, At(page), Operands.Release());
                break;
            case 3:
                _ = Table.RmpUpdate(ExecutionState.Host, At(region), Operands.Assign(region, asid, PageSize.Size2M));
                break;
            case 4:
                _ = Table.RmpUpdate(ExecutionState.Host, At(region), Operands.Release(PageSize.Size2M));
                break;
            case 5:
                _ = Table.PSmash(ExecutionState.Host, At(region));
                break;
            case 6:
                (ulong operand, PageSize size) = _random.Next(2) == 0 ? (page, PageSize.Size4K) : (region, PageSize.Size2M);
                bool validates = _random.Next(3) != 0;
                NestedPage place = new(GuestPhysicalAddress.Create(operand), At(operand), size);
                _ = Table.PValidate(ExecutionState.Guest(Asid), place, size, validates);
                RmpAdjustOperand grant = new((ulong)(_random.Next(2) == 0 ? 0x0F01 : 0x0101));
                _ = Table.RmpAdjust(ExecutionState.Guest(Asid), place, size, grant);
                break;
            case 7:
                Table.MarkInUse(At(page));
                break;
            default:
                if (_random.Next(2) == 0) _ = Table.TryUnmarkInUse(At(page));
                else _ = Table.TryWriteRaw(At(page), default);
                break;
        }
    }

    /// <summary>An invalidation was done.</summary>
    internal void Note(TlbInvalidation what)
    {
        if (what != TlbInvalidation.Everything)
        {
            _invalidations.Add((_snapshots.Count - 1, what));
            return;
        }

        _invalidations.Clear();
        _snapshots.RemoveRange(0, _snapshots.Count - 1);
    }

    /// <summary>
    /// Whether the tables, as they are or were since the last invalidation of the page, led there, and the RMP as it is now allows it.
    /// </summary>
    internal bool Explains(int space, int rules, byte vmpl, VirtualAddress address, MemoryAccess access, PhysicalAddress target)
    {
        ulong[] now = _memory.Words.ToArray();
        bool isExplained = false;
        for (int snapshot = _snapshots.Count - 1; snapshot >= 0 && !isExplained; snapshot--)
        {
            _snapshots[snapshot].CopyTo(_memory.Words);
            for (int other = 0; other < Spaces && !isExplained; other++)
            {
                isExplained = Led(other, rules, vmpl, address, access, target, out bool isGlobal, out PageSize size)
                    && (other == space || isGlobal)
                    && !_invalidations.Exists(done => done.Snapshot > snapshot && Selects(done.What, other, isGlobal, address.Value, size));
            }
        }

        now.CopyTo(_memory.Words);
        return isExplained;
    }

    public void Dispose() => Table.Dispose();

    /// <summary>The manual's rule, on its own.</summary>
    private bool Selects(TlbInvalidation what, int pcid, bool isGlobal, ulong address, PageSize size)
    {
        bool Has(int bit) => (what.Rax >> bit & 1) != 0;
        if (Has(2) && (what.Edx & 0xFFFF) != (IsGuest ? Asid : 0U)) return false;
        if (isGlobal && !Has(3)) return false;
        if (!isGlobal && Has(1) && (what.Edx >> 16) != pcid) return false;
        if (!Has(0)) return true;
        ulong bytes = size == PageSize.Size4K ? 0x1000UL : size == PageSize.Size2M ? 0x20_0000UL : Gibibyte;
        ulong page = address / bytes * bytes;
        for (ulong i = 0; i <= (what.Ecx & 0xFFFF); i++)
        {
            ulong selected = (what.Rax & ~0xFFFUL) + (i * (what.Ecx >> 31 != 0 ? 0x20_0000UL : 0x1000UL));
            ulong selectedBytes = what.Ecx >> 31 != 0 ? 0x20_0000UL : 0x1000UL;
            if (selected < page + bytes && page < selected + selectedBytes) return true;
        }

        return false;
    }

    private bool Led(
        int space, int rules, byte vmpl, VirtualAddress address, MemoryAccess access, PhysicalAddress target, out bool isGlobal,
        out PageSize size)
    {
        WalkView view = View;
        WalkTrace trace = default;
        if (!IsGuest)
        {
            NoCheck none = default;
            WalkResult walk = PageWalker.Trace(ref view, HostState(space, rules), address, access, ref none, ref trace);
            isGlobal = trace.Count != 0 && (trace.Steps[^1].Value & Global) != 0;
            size = walk.Size;
            return walk.IsMapped && walk.Address == target && RmpCheck.Host(Table, access.Kind, target, size, access.IsUser).Value == 0;
        }

        GuestRmpCheck<RmpGeometry> check = new(Table, Asid, vmpl);
        NestedWalkResult nested = NestedWalker.Trace(ref view, GuestState(space, rules), address, access, ref check, ref trace);
        isGlobal = false;
        foreach (WalkStep step in trace.Steps)
        {
            if (step.Stage == WalkStage.Guest) isGlobal = (step.Value & Global) != 0;
        }

        size = nested.GuestSize;
        return nested.IsMapped && nested.Address == target;
    }

    private void Snapshot() => _snapshots.Add(_memory.Words.ToArray());

    private static ulong Root(int space) => Tables + ((ulong)space * 5 * 0x1000);

    private static int LevelOf(ulong entry)
    {
        ulong table = (entry - Tables) / 0x1000;
        return (table >= GuestPages ? table - GuestPages : table % 5) switch { 1 => 3, 2 => 2, _ => 1 };
    }

    // A directory's second table: for 2 MiB as 4 KiB pages.
    private static ulong TableBelow(ulong table) => (table + 2) * 0x1000;

    // PML4, PDPT, PD, a page table, and another that may stand in place of a 2 MiB page.
    private void MakeSpace(int space)
    {
        ulong root = Root(space);
        _memory[root] = (root + 0x1000) | Good;
        _memory[root + 0x1000] = (root + 0x2000) | Good;
        _memory[root + 0x2000] = (root + 0x3000) | Good;
        _memory[root + 0x2008] = (root + 0x4000) | Good;
        _leaves.AddRange(
            [root + 0x1008, root + 0x2008, root + 0x3008, root + 0x3010, root + 0x3018, root + 0x4008, root + 0x4018, root + 0x4FF8]);
        foreach (ulong entry in _leaves)
        {
            if (entry >= root && LevelOf(entry) == 1) _memory[entry] = Targets[_random.Next(Targets.Length)] | Good;
        }

        _memory[root + 0x1008] = Good | TableTree.PS;
    }

    // The data's two regions by 4 KiB or 2 MiB, the guest's tables by 4 KiB: guest physical addresses are system physical ones.
    private void MakeNested()
    {
        ulong root = Tables + (GuestPages * 0x1000);
        _memory[root] = (root + 0x1000) | Good;
        _memory[root + 0x1000] = (root + 0x2000) | Good;
        _memory[root + 0x2008] = 0x20_0000 | Good | TableTree.PS;
        _memory[root + 0x2010] = 0x40_0000 | Good | TableTree.PS;
        _memory[root + 0x2020] = (root + 0x3000) | Good;
        for (ulong page = 0; page < GuestPages; page++)
        {
            ulong address = Tables + (page * 0x1000);
            _memory[root + 0x3000 + (page * 8)] = address | Good;
            NestedPage place = new(GuestPhysicalAddress.Create(address), At(address), PageSize.Size4K);
            _ = Table.RmpUpdate(ExecutionState.Host, At(address), Operands.Assign(address, Asid));
            _ = Table.PValidate(ExecutionState.Guest(Asid), place, PageSize.Size4K, validate: true);
            for (byte vmpl = 1; vmpl < 4; vmpl++)
            {
                _ = Table.RmpAdjust(ExecutionState.Guest(Asid), place, PageSize.Size4K, new RmpAdjustOperand(0x0F00UL | vmpl));
            }
        }

        for (ulong i = 0; i < 512; i++)
        {
            _memory[root + 0x4000 + (i * 8)] = (0x20_0000 + (i * 0x1000)) | Good;
        }

        _leaves.AddRange([root + 0x2008, root + 0x2010, root + 0x4000, root + 0x4008, root + 0x4010, root + 0x4018]);
    }
}
