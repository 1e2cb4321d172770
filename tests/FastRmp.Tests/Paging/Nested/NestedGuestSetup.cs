using System;
using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>
/// A guest on nested tables and an RMP, for the library and the reference alike: a few pages of every pair of sizes, all accesses to which
/// succeed.
/// </summary>
internal sealed class NestedGuestSetup : IDisposable
{
    internal const uint Asid = 5;
    internal const ulong GuestStart = 0x10_0000_0000UL; // guest physical addresses lie above the system physical ones
    internal const ulong Good = TableTree.P | TableTree.W | TableTree.U;

    private const int EncryptionBit = 51;
    private const int Pages = 128;
    private const ulong HostTables = 0x4_0000UL;
    private const ulong Data4K = 0x20_0000UL;
    private const ulong Data2M = 0x40_0000UL;
    private const ulong AllPermissions = 0x1F1F_1F1FUL;

    private readonly ulong _encryption;
    private ulong _nextGuest = 0x1000;
    private ulong _nextHost = HostTables;
    private ulong _nextData = Data4K;

    internal NestedGuestSetup(
        int guestLevels, int hostLevels, bool isEncrypted, ModelChoices? choices = null, ProcessorModel? processor = null)
    {
        GuestLevels = guestLevels;
        HostLevels = hostLevels;
        _encryption = isEncrypted ? 1UL << EncryptionBit : 0;
        Choices = choices ?? ModelChoices.Default;
        Pair = new ModelPair(4, processor ?? ProcessorModel.Genoa, Choices);
        HostRoot = NewHostTable();
        GuestRoot = NewGuestTable();
        for (int guest = 1; guest <= 3; guest++)
        {
            for (int host = 1; host <= 3; host++)
            {
                Addresses.Add(MapData(guest, host));
            }
        }
    }

    internal int GuestLevels { get; }

    internal int HostLevels { get; }

    internal WalkMemory Memory { get; } = new(0, Pages);

    internal ModelChoices Choices { get; }

    internal ModelPair Pair { get; }

    /// <summary>Guest virtual addresses of one byte in each of the nine pages: the guest's size times the nested one.</summary>
    internal List<ulong> Addresses { get; } = [];

    internal ulong HostRoot { get; }

    /// <summary>System physical; the guest's CR3 is <see cref="GuestStart"/> above.</summary>
    internal ulong GuestRoot { get; }

    internal bool IsEncrypted => _encryption != 0;

    internal MemoryEncryption? Encryption => _encryption == 0 ? null : new MemoryEncryption(EncryptionBit);

    internal NestedPagingState State() => new(GuestState(), HostState(), isSnpGuest: IsEncrypted);

    internal PagingState GuestState(
        bool wp = true, bool nxe = true, bool smep = true, bool smap = false, Pkru? keys = null, bool shadowStacks = false) => new(
        PhysicalAddress.Create(GuestRoot + GuestStart), Mode(GuestLevels), ProcessorModel.Genoa, wp, nxe, smep, smap, keys, null,
        Encryption, shadowStacks);

    internal PagingState HostState(bool wp = true, bool nxe = true, bool smep = true, bool smap = true, Pkru? keys = null) => new(
        PhysicalAddress.Create(HostRoot), Mode(HostLevels), ProcessorModel.Genoa, wp, nxe, smep, smap, keys);

    /// <summary>What the library answers; A and D are not set, the RMP is not asked.</summary>
    internal NestedWalkResult Translate(ulong va, MemoryAccess access, NestedPagingState? state = null)
    {
        WalkView view = new(Memory);
        return NestedWalker.Translate(ref view, state ?? State(), new VirtualAddress(va), access);
    }

    /// <summary>The access with everything: A and D are set and the RMP is asked.</summary>
    internal NestedWalkResult Access(ulong va, MemoryAccess access, NestedPagingState? state = null, byte vmpl = 0, bool isSnpGuest = true)
    {
        WalkView view = new(Memory);
        GuestRmpCheck<ContiguousGeometry> check = new(Pair.Table, Asid, vmpl, isSnpGuest);
        return NestedWalker.Access(ref view, state ?? State(), new VirtualAddress(va), access, ref check);
    }

    /// <summary>Where the guest's entry of a level stands, and its guest physical address.</summary>
    internal (ulong Address, ulong Gpa) GuestEntry(ulong va, int level)
    {
        ulong entry = EntryOf(GuestRoot, GuestLevels, va, level, table => table - GuestStart);
        return (entry, entry + GuestStart);
    }

    internal ulong HostEntry(ulong gpa, int level) => EntryOf(HostRoot, HostLevels, gpa, level, static table => table);

    /// <summary>The level of the leaf that translates an address.</summary>
    internal int HostLeafLevel(ulong gpa)
    {
        int level = HostLevels;
        while (level > 1 && (level > 3 || (Memory[HostEntry(gpa, level)] & TableTree.PS) == 0)) level--;
        return level;
    }

    public void Dispose() => Pair.Dispose();

    private static PagingMode Mode(int levels) => levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel;

    private ulong EntryOf(ulong root, int levels, ulong address, int level, Func<ulong, ulong> place)
    {
        ulong entry = root + (8 * TableTree.Index(address, levels));
        for (int above = levels; above > level; above--)
        {
            entry = place(Memory[entry] & TableTree.AddressField & ~_encryption) + (8 * TableTree.Index(address, above - 1));
        }

        return entry;
    }

    // A page of the guest's, mapped by a nested page of one size; each stands alone in its 1 GiB of both spaces.
    private ulong MapData(int guestLevel, int hostLevel)
    {
        int number = Addresses.Count;
        ulong va = (number % 2 == 0 ? 0x0000_1200_0000_0000UL : 0xFFFF_9A00_0000_0000UL) + ((ulong)number << 30);
        ulong gpa = GuestStart + ((ulong)(number + 1) << 30);
        ulong spa = hostLevel == 1 ? _nextData : hostLevel == 2 ? Data2M : 0;
        if (hostLevel == 1) _nextData += 0x1000;
        MapGuest(va, gpa, guestLevel);
        MapHost(gpa, spa, hostLevel);
        ulong large = hostLevel == 1 ? 0UL : 2UL;
        ulong owned = hostLevel == 3 ? 0x60_0000UL : spa; // the 2 MiB of the 1 GiB page that its address lies in
        ulong offset = hostLevel == 3 ? 0x60_0000UL : 0;
        if (offset != 0 && guestLevel < 3) MapGuest(va + offset, gpa + offset, guestLevel);
        Own(owned, gpa + offset, large);
        return va + offset + 0x123;
    }

    private void MapGuest(ulong va, ulong gpa, int leafLevel) =>
        Map(
            GuestRoot, GuestLevels, va, gpa | _encryption, leafLevel, () => (NewGuestTable() + GuestStart) | _encryption,
            table => (table & ~_encryption) - GuestStart);

    private void MapHost(ulong gpa, ulong spa, int leafLevel) =>
        Map(HostRoot, HostLevels, gpa, spa, leafLevel, NewHostTable, static table => table);

    private void Map(ulong root, int levels, ulong address, ulong page, int leafLevel, Func<ulong> newTable, Func<ulong, ulong> place)
    {
        ulong entry = root + (8 * TableTree.Index(address, levels));
        for (int level = levels; level > leafLevel; level--)
        {
            if (Memory[entry] == 0) Memory[entry] = newTable() | Good;
            entry = place(Memory[entry] & TableTree.AddressField) + (8 * TableTree.Index(address, level - 1));
        }

        Memory[entry] = page | Good | (leafLevel > 1 ? TableTree.PS : 0);
    }

    // A 2 MiB page of the RMP has one owner at a time: the pages of the same size share it, and the last one has it.
    private void Own(ulong spa, ulong gpa, ulong largeBit) =>
        Pair.Poke(spa, 0x4000_0000_0000_0001UL | ((ulong)Asid << 51) | gpa | largeBit, AllPermissions);

    private ulong NewHostTable()
    {
        _nextHost += 0x1000;
        Assert.True(Memory.Holds(_nextHost - 0x1000));
        return _nextHost - 0x1000;
    }

    private ulong NewGuestTable()
    {
        ulong table = _nextGuest;
        _nextGuest += 0x1000;
        Assert.True(_nextGuest <= HostTables);
        MapHost(table + GuestStart, table, 1);
        Own(table, table + GuestStart, 0);
        return table;
    }
}
