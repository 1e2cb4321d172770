using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks.Data;

/// <summary>One device whose tables map 4 MiB in 4 KiB pages onto itself: tables, RMP entries and addresses together stay in the
/// first-level cache.</summary>
internal sealed unsafe class IommuWorkload : IDisposable
{
    internal const int Walks = 1024;

    private const ulong MappedBytes = 0x40_0000UL;
    private const int MappedPages = (int)(MappedBytes >> 12);
    private const int EntriesInTable = 512;
    private const ulong Start = 0x10_0000UL;
    private const ulong PageBytes = 4096;

    private readonly RandomAddresses _addresses = new(Walks, 0, MappedPages, PageBytes, seed: 13);
    private readonly NativeBlock _native = new();
    private readonly PinnedMemory _memory = PinnedMemory.Allocate(16 * PageBytes);

    /// <summary>Builds the tables.</summary>
    /// <param name="mode">Levels, 3 or more.</param>
    internal IommuWorkload(int mode)
    {
        Rmp = Machines.Genoa(MappedBytes);
        Iommu = new IommuState(Start, IsSnpEnabled: true);
        DeviceTableEntry device = new DeviceTableEntry
        {
            Valid = true,
            TranslationValid = true,
            Readable = true,
            Writable = true,
            Mode = (byte)mode,
            Root = At(1),
        };
        Word(0, Device.Value * DeviceTableEntry.SizeInBytes / sizeof(ulong)) = device.Word0;
        for (int level = mode; level > 2; level--)
        {
            Word(Page(mode, level), 0) = Pointer(Page(mode, level - 1), level - 1);
        }

        for (int table = 0; table < MappedPages / EntriesInTable; table++)
        {
            Word(Page(mode, 2), table) = Pointer(mode + table, 1);
            for (int index = 0; index < EntriesInTable; index++)
            {
                PhysicalAddress page = PhysicalAddress.FromPageNumber((ulong)((table * EntriesInTable) + index));
                Word(mode + table, index) = IoPageSize.Encode(page, IoPageSize.MinShift, DmaRights.Read | DmaRights.Write).Value;
            }
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

    public void Dispose()
    {
        _memory.Dispose();
        _native.Dispose();
        _addresses.Dispose();
        Rmp.Dispose();
    }

    private static int Page(int mode, int level) => 1 + mode - level;

    private static PhysicalAddress At(int page) => PhysicalAddress.Create(Start + ((ulong)page * PageBytes));

    private static ulong Pointer(int page, int level) =>
        new IoPageTableEntry { Present = true, Readable = true, Writable = true, NextLevel = (byte)level, Address = At(page) }.Value;

    private ref ulong Word(int page, int index) => ref ((ulong*)_memory.Pointer)[(page * EntriesInTable) + index];
}
