using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>256 GiB of address space in 4 KiB leaves: 512 MiB of page tables, far more than any cache holds, and random addresses that no
/// call repeats soon.</summary>
/// <remarks>Backed by pages of 4 KiB unless said otherwise, for both sides: the walker's own TLB misses are part of what a batch
/// overlaps.</remarks>
internal sealed unsafe class BatchWorkload : IDisposable
{
    internal const int Walks = AddressWindows.Length;

    private const ulong EntriesInTable = 512;
    private const ulong PageTables = 131_072;
    private const ulong Directories = PageTables / EntriesInTable;
    private const ulong TablePages = PageTables + Directories + 2; // and one page directory pointer table, one PML4
    private const int Windows = 128;
    private const ulong Within = 0x3F_FFFF_FFFFUL;
    private const ulong Leaf = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.NoExecuteMask;
    private const ulong Table = PagingEntry.PresentMask | PagingEntry.WritableMask;

    private static readonly PhysicalAddress Start = PhysicalAddress.Create(0x100_0000_0000UL);

    private readonly PinnedMemory _tables;
    private readonly AddressWindows _addresses = new(Windows, Within);
    private readonly NativeBlock _native = new();

    internal BatchWorkload(LargePages pages = LargePages.Refuse)
    {
        _tables = PinnedMemory.Allocate(TablePages * PagingEntriesBytes, pages);
        ulong directories = Start.Value + (PageTables * PagingEntriesBytes);
        ulong pointers = directories + (Directories * PagingEntriesBytes);
        ulong* entries = (ulong*)_tables.Pointer;
        entries = Fill(entries, PageTables * EntriesInTable, Leaf);
        entries = Fill(entries, PageTables, Start.Value | Table);
        _ = Fill(entries, Directories, directories | Table);
        entries[EntriesInTable] = pointers | Table;
        State = new PagingState(PhysicalAddress.Create(pointers + PagingEntriesBytes), PagingMode.FourLevel, ProcessorModel.Genoa);
        *NativeMemory =
            new NativeWalkMemory { Zero = _tables.Pointer - Start.Value, Start = Start.Value, LastQword = _tables.Length - sizeof(ulong) };
        *NativeState = NativeWalkState.From(State);
    }

    internal PagingState State { get; }

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeWalkState* NativeState => (NativeWalkState*)(_native.Pointer + 64);

    private static ulong PagingEntriesBytes => EntriesInTable * sizeof(ulong);

    internal MemoryBacking Backing => _tables.Backing;

    internal PinnedMemoryView View() => _tables.View(Start);

    /// <summary>The addresses of the next call.</summary>
    internal ulong* Next() => _addresses.Next();

    internal void Rewind() => _addresses.Rewind();

    public void Dispose()
    {
        _native.Dispose();
        _addresses.Dispose();
        _tables.Dispose();
    }

    /// <summary>Entries that lead to one page after the other.</summary>
    /// <returns>Address of the next entry.</returns>
    private static ulong* Fill(ulong* entries, ulong count, ulong first)
    {
        for (ulong i = 0; i < count; i++)
        {
            entries[i] = first + (i * PagingEntriesBytes);
        }

        return entries + count;
    }
}
