using System;
using System.Runtime.InteropServices;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>An SNP guest that maps 4 MiB in 4 KiB pages, on nested tables of 4 KiB pages, all validated: 12 tables and the RMP entries of
/// their pages stay in the caches.</summary>
internal sealed unsafe class NestedWorkload : IDisposable
{
    internal const int Walks = 1024;
    internal const uint Asid = 1;

    private const ulong PageBytes = 0x1000;
    private const ulong MemoryBytes = 0x20_0000UL; // of tables, from 0: the guest's, then the host's
    private const ulong HostTables = 0x10_0000UL;
    private const ulong DataStart = 0x40_0000UL;
    private const ulong DataBytes = 0x40_0000UL;
    private const ulong GuestOffset = 0x4000_0000UL; // guest physical addresses lie above the system physical ones
    private const ulong VirtualBase = 0xFFFF_8880_0000_0000UL;
    private const int EncryptionBit = 51;

    private readonly PinnedMemory _memory = PinnedMemory.Allocate(MemoryBytes);
    private readonly RandomAddresses _addresses;
    private readonly NativeBlock _native = new();
    private ulong _nextGuestTable;
    private ulong _nextHostTable = HostTables;

    internal NestedWorkload()
    {
        Rmp = Machines.Genoa(DataStart + DataBytes);
        ulong hostRoot = NewTable(ref _nextHostTable);
        ulong guestRoot = NewTable(ref _nextGuestTable);
        for (ulong offset = 0; offset < DataBytes; offset += PageBytes)
        {
            MapNested(hostRoot, DataStart + offset);
            MapGuest(guestRoot, offset);
        }

        for (ulong table = 0; table < _nextGuestTable; table += PageBytes)
        {
            MapNested(hostRoot, table);
        }

        PagingState guest = new(
            PhysicalAddress.Create(guestRoot + GuestOffset), PagingMode.FourLevel, ProcessorModel.Genoa,
            encryption: new MemoryEncryption(EncryptionBit));
        PagingState host = new(PhysicalAddress.Create(hostRoot), PagingMode.FourLevel, ProcessorModel.Genoa);
        State = new NestedPagingState(guest, host, isSnpGuest: true);
        _addresses = new RandomAddresses(Walks, VirtualBase, (int)(DataBytes / PageBytes), PageBytes, seed: 31);
        *NativeMemory = new NativeWalkMemory { Zero = _memory.Pointer, Start = 0, LastQword = _memory.Length - sizeof(ulong) };
        *NativeState = new NativeNestedState
        {
            Guest = NativeWalkState.From(State.Guest),
            Host = NativeWalkState.From(State.Host),
            GuestAddress = State.Guest.AddressMask,
            HostAddress = State.Host.AddressMask,
            Encryption = State.Guest.EncryptionMask,
            PrivateBelow = 0,
            HasVirtualTom = 0,
            Asid = Asid,
        };
    }

    internal RmpWorkload<ContiguousGeometry> Rmp { get; }

    internal NestedPagingState State { get; }

    internal PinnedMemoryView View => _memory.View(default);

    /// <summary>The entries of all tables, the guest's and the host's.</summary>
    internal Span<ulong> Tables => MemoryMarshal.Cast<byte, ulong>(_memory.Span(0, (int)_memory.Length));

    internal GuestRmpCheck<ContiguousGeometry> Check => new(Rmp.Table, Asid);

    internal ulong* Addresses => _addresses.Pointer;

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeNestedState* NativeState => (NativeNestedState*)(_native.Pointer + 64);

    /// <summary>Everything that a walk says, as C adds it up.</summary>
    internal static ulong Digest(in NestedWalkResult of) =>
        of.Gpa.Value + of.Address.Value + (ulong)of.Status + (ulong)of.GuestRights + (ulong)of.NestedRights + of.ErrorCode
            + of.ExitInfo1.Value + (of.IsPrivate ? 1UL : 0);

    public void Dispose()
    {
        _native.Dispose();
        _addresses.Dispose();
        Rmp.Dispose();
        _memory.Dispose();
    }

    private static ulong NewTable(ref ulong next)
    {
        next += PageBytes;
        return next - PageBytes;
    }

    private ref ulong Entry(ulong table, ulong address, PagingLevel level) =>
        ref *(ulong*)(_memory.Pointer + table + (new VirtualAddress(address).GetIndex(level) * (ulong)PagingEntry.SizeInBytes));

    /// <summary>A page of the guest: nested entries, and an RMP entry that is assigned and validated.</summary>
    private void MapNested(ulong root, ulong page)
    {
        ulong gpa = page + GuestOffset;
        NestedPage translation = new(GuestPhysicalAddress.Create(gpa), PhysicalAddress.Create(page), PageSize.Size4K);
        Rmp.Update(page, new RmpUpdateOperand { Assigned = true, Asid = Asid, Gpa = gpa });
        if (!Rmp.Table.PValidate(ExecutionState.Guest(Asid), translation, PageSize.Size4K, validate: true).IsSuccess)
        {
            throw new InvalidOperationException($"The page 0x{page:x} was not validated.");
        }

        Map(root, gpa, page, 0, 0, ref _nextHostTable);
    }

    private void MapGuest(ulong root, ulong offset) =>
        Map(root, VirtualBase + offset, DataStart + offset + GuestOffset, GuestOffset, 1UL << EncryptionBit, ref _nextGuestTable);

    private void Map(ulong root, ulong address, ulong page, ulong tableOffset, ulong flags, ref ulong next)
    {
        const ulong Usable =
            PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask;
        ulong table = root;
        for (PagingLevel level = PagingLevel.PageMapLevel4; level > PagingLevel.PageTable; level--)
        {
            ref ulong entry = ref Entry(table, address, level);
            if (entry == 0) entry = (NewTable(ref next) + tableOffset) | Usable | flags;
            table = (entry & PagingEntry.AddressMask & ~flags) - tableOffset;
        }

        Entry(table, address, PagingLevel.PageTable) = page | Usable | flags;
    }
}
