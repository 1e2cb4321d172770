using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks.Data;

/// <summary>A device whose v1 tables of three levels map 256 GiB in 4 KiB pages: 512 MiB of page tables, far more than any cache holds, and
/// random addresses that no call repeats soon. With fewer tables the same in a cache.</summary>
/// <remarks>All is mapped onto itself. Backed by pages of 4 KiB, for both sides.</remarks>
internal sealed unsafe class IommuBatchWorkload : IDisposable
{
    internal const int Walks = AddressWindows.Length;
    internal const int ColdTables = 131_072;

    private const ulong EntriesInTable = 512;
    private const ulong PageBytes = 4096;
    private const int Windows = 32;
    private const byte Levels = 3;

    private readonly PinnedMemory _tables;
    private readonly AddressWindows _addresses;
    private readonly NativeBlock _native = new();
    private readonly ulong _start;

    /// <summary>Builds the tables.</summary>
    /// <param name="pageTables">How many of the lowest level, a power of two.</param>
    internal IommuBatchWorkload(int pageTables = ColdTables)
    {
        ulong tables = (ulong)pageTables;
        ulong directories = (tables + EntriesInTable - 1) / EntriesInTable;
        _start = tables * EntriesInTable * PageBytes; // above the device's pages
        _tables = PinnedMemory.Allocate((tables + directories + 2) * PageBytes, LargePages.Refuse);
        ulong* entries = (ulong*)_tables.Pointer;
        Lead(entries, tables * EntriesInTable, 0, 0);
        entries += tables * EntriesInTable;
        Lead(entries, tables, _start, 1);
        entries += directories * EntriesInTable;
        ulong first = _start + (tables * PageBytes);
        Lead(entries, directories, first, 2);
        entries += EntriesInTable;
        first += directories * PageBytes;
        Iommu = new IommuState(first + PageBytes);
        entries[Device.Value * DeviceTableEntry.SizeInBytes / sizeof(ulong)] = new DeviceTableEntry
        {
            Valid = true,
            TranslationValid = true,
            Readable = true,
            Writable = true,
            Mode = Levels,
            Root = PhysicalAddress.Create(first),
        }.Word0;
        *NativeMemory =
            new NativeWalkMemory { Zero = _tables.Pointer - _start, Start = _start, LastQword = _tables.Length - sizeof(ulong) };
        *NativeState = NativeIommuState.From(Iommu);
        _addresses = new AddressWindows(Windows, _start - 1);
    }

    internal static DeviceId Device => new(24);

    internal IommuState Iommu { get; }

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeIommuState* NativeState => (NativeIommuState*)(_native.Pointer + 64);

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

    /// <summary>Entries that lead to one page after the other.</summary>
    private static void Lead(ulong* entries, ulong count, ulong first, byte level)
    {
        ulong entry = new IoPageTableEntry { Present = true, Readable = true, Writable = true, NextLevel = level }.Value;
        for (ulong i = 0; i < count; i++)
        {
            entries[i] = (first + (i * PageBytes)) | entry;
        }
    }
}
