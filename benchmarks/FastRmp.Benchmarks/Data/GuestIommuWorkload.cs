using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks.Data;

/// <summary>One device whose PASID's tables, of four levels, map 4 MiB in 4 KiB pages onto itself, alone or over host tables of 4 KiB pages
/// that do the same: tables, RMP entries and addresses together stay in the caches.</summary>
internal sealed unsafe class GuestIommuWorkload : IDisposable
{
    internal const int Walks = 1024;
    internal const uint Pasid = 3;

    private const ulong MappedBytes = 0x40_0000UL;
    private const int MappedPages = (int)(MappedBytes >> 12);
    private const int EntriesInTable = 512;
    private const ulong Start = 0x10_0000UL;
    private const ulong PageBytes = 4096;
    private const int Gcr3 = 1; // pages of the memory, the first of which is the device table
    private const int GuestTop = 2;
    private const int GuestLast = 5; // two tables of the lowest level
    private const int HostTables = 8;
    private const ulong Usable =
        PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask;

    private readonly RandomAddresses _addresses = new(Walks, 0, MappedPages, PageBytes, seed: 17);
    private readonly NativeBlock _native = new();
    private readonly PinnedMemory _memory = PinnedMemory.Allocate(16 * PageBytes);

    /// <summary>Builds the tables.</summary>
    /// <param name="hostLevels">Levels of the host's tables, 3 or more; 0 for none.</param>
    internal GuestIommuWorkload(int hostLevels)
    {
        Rmp = Machines.Genoa(MappedBytes);
        Iommu = new IommuState(At(0).Value, IsSnpEnabled: true);
        DeviceTableEntry device = new DeviceTableEntry
        {
            Valid = true,
            TranslationValid = true,
            Readable = true,
            Writable = true,
            GuestTranslationValid = true,
            GuestCr3Page = At(Gcr3).PageNumber,
        };
        if (hostLevels != 0) device = device with { Mode = (byte)hostLevels, Root = At(HostTables) };
        int first = Device.Value * DeviceTableEntry.SizeInBytes / sizeof(ulong);
        Word(0, first) = device.Word0;
        Word(0, first + 1) = device.Word1;
        Word(0, first + 2) = device.Word2;
        Word(Gcr3, (int)Pasid) = At(GuestTop).Value | Gcr3TableEntry.ValidMask;
        Fill(GuestTop, GuestLast - GuestTop + 1, static (page, _) => page.Value | Usable, static page => page.Value | Usable);
        if (hostLevels != 0)
        {
            const DmaRights Both = DmaRights.Read | DmaRights.Write;
            Fill(
                HostTables, hostLevels, static (page, level) => Pointer(page, level),
                static page => IoPageSize.Encode(page, IoPageSize.MinShift, Both).Value);
        }

        *NativeMemory = new NativeWalkMemory { Zero = _memory.Pointer - Start, Start = Start, LastQword = _memory.Length - sizeof(ulong) };
        *NativeState = NativeIommuState.From(Iommu);
    }

    internal static DeviceId Device => new(24);

    internal IommuState Iommu { get; }

    internal RmpWorkload<ContiguousGeometry> Rmp { get; }

    internal ulong* Addresses => _addresses.Pointer;

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeIommuState* NativeState => (NativeIommuState*)(_native.Pointer + 64);

    internal PinnedMemoryView View() => _memory.View(PhysicalAddress.Create(Start));

    /// <summary>Everything that a request comes to, as C adds it up.</summary>
    internal static ulong Digest(in IommuWalkResult of) =>
        of.Address.Value + of.GuestAddress.Value + (ulong)of.Status + (ulong)of.Level + (ulong)of.SizeShift + (ulong)of.Rights
            + (ulong)of.Stage + (ulong)of.Cause;

    public void Dispose()
    {
        _memory.Dispose();
        _native.Dispose();
        _addresses.Dispose();
        Rmp.Dispose();
    }

    /// <summary>Tables of some levels, one of each but the lowest, which has two.</summary>
    private void Fill(int firstPage, int levels, Func<PhysicalAddress, int, ulong> table, Func<PhysicalAddress, ulong> leaf)
    {
        int last = firstPage + levels - 1;
        for (int page = firstPage; page < last; page++)
        {
            Word(page, 0) = table(At(page + 1), last - page);
        }

        Word(last - 1, 1) = table(At(last + 1), 1);
        for (int index = 0; index < MappedPages; index++)
        {
            Word(last + (index / EntriesInTable), index % EntriesInTable) = leaf(PhysicalAddress.FromPageNumber((ulong)index));
        }
    }

    private static PhysicalAddress At(int page) => PhysicalAddress.Create(Start + ((ulong)page * PageBytes));

    private static ulong Pointer(PhysicalAddress page, int level) =>
        new IoPageTableEntry { Present = true, Readable = true, Writable = true, NextLevel = (byte)level, Address = page }.Value;

    private ref ulong Word(int page, int index) => ref ((ulong*)_memory.Pointer)[(page * EntriesInTable) + index];
}
