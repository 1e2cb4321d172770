using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>A guest's 128 GiB in 4 KiB pages on nested tables of 4 KiB pages: 256 MiB of page tables of each kind, far more than any cache
/// holds, and random addresses that no call repeats soon. With fewer tables the same in a cache.</summary>
/// <remarks>All is mapped onto itself; the guest's tables lie above its pages. Backed by pages of 4 KiB, for both sides.</remarks>
internal sealed unsafe class NestedBatchWorkload : IDisposable
{
    internal const int Walks = AddressWindows.Length;
    internal const int ColdTables = 65_536;

    private const ulong EntriesInTable = 512;
    private const ulong PageBytes = 4096;
    private const int Windows = 32;
    private const ulong Usable =
        PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask;

    private readonly PinnedMemory _tables;
    private readonly AddressWindows _addresses;
    private readonly NativeBlock _native = new();
    private readonly ulong _start;

    /// <summary>Builds the tables.</summary>
    /// <param name="pageTables">The guest's page tables, a power of two; the host has a few more.</param>
    internal NestedBatchWorkload(int pageTables = ColdTables)
    {
        ulong tables = (ulong)pageTables;
        _start = tables * EntriesInTable * PageBytes; // above the guest's pages
        ulong ofGuest = Pages(tables);
        ulong hostTables = tables + Above(ofGuest);
        _tables = PinnedMemory.Allocate((ofGuest + Pages(hostTables)) * PageBytes, LargePages.Refuse);
        ulong guestRoot = Fill(0, tables);
        ulong hostRoot = Fill(ofGuest, hostTables);
        PagingState guest = new(PhysicalAddress.Create(guestRoot), PagingMode.FourLevel, ProcessorModel.Genoa);
        PagingState host = new(PhysicalAddress.Create(hostRoot), PagingMode.FourLevel, ProcessorModel.Genoa);
        State = new NestedPagingState(guest, host);
        *NativeMemory =
            new NativeWalkMemory { Zero = _tables.Pointer - _start, Start = _start, LastQword = _tables.Length - sizeof(ulong) };
        *NativeState = new NativeNestedState
        {
            Guest = NativeWalkState.From(State.Guest),
            Host = NativeWalkState.From(State.Host),
            GuestAddress = State.Guest.AddressMask,
            HostAddress = State.Host.AddressMask,
        };
        _addresses = new AddressWindows(Windows, _start - 1);
    }

    internal NestedPagingState State { get; }

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeNestedState* NativeState => (NativeNestedState*)(_native.Pointer + 64);

    internal ulong TableBytes => _tables.Length;

    internal PinnedMemoryView View() => _tables.View(PhysicalAddress.Create(_start));

    /// <summary>The addresses of the next call.</summary>
    internal ulong* Next() => _addresses.Next();

    internal void Rewind() => _addresses.Rewind();

    public void Dispose()
    {
        _native.Dispose();
        _addresses.Dispose();
        _tables.Dispose();
    }

    private static ulong Above(ulong tables) => (tables + EntriesInTable - 1) / EntriesInTable;

    /// <summary>Page tables, page directories, one page directory pointer table, one PML4.</summary>
    private static ulong Pages(ulong pageTables) => pageTables + Above(pageTables) + 2;

    /// <summary>Tables from a page on that map addresses from 0 onto themselves.</summary>
    /// <returns>Where the PML4 is.</returns>
    private ulong Fill(ulong page, ulong pageTables)
    {
        ulong* entries = (ulong*)(_tables.Pointer + (page * PageBytes));
        ulong first = _start + (page * PageBytes);
        ulong directories = Above(pageTables);
        Lead(entries, pageTables * EntriesInTable, 0);
        entries += pageTables * EntriesInTable;
        Lead(entries, pageTables, first);
        entries += directories * EntriesInTable;
        first += pageTables * PageBytes;
        Lead(entries, directories, first);
        entries += EntriesInTable;
        first += directories * PageBytes;
        Lead(entries, 1, first);
        return first + PageBytes;
    }

    /// <summary>Entries that lead to one page after the other.</summary>
    private static void Lead(ulong* entries, ulong count, ulong first)
    {
        for (ulong i = 0; i < count; i++)
        {
            entries[i] = (first + (i * PageBytes)) | Usable;
        }
    }
}
