using System;
using System.Buffers.Binary;

namespace FastRmp.Qemu;

/// <summary>Page tables that a processor uses for one instruction: the kernel's, but for the tables on the way to one page, which are
/// copied into memory of a device's, and the page's entry, which does not allow writes.</summary>
/// <remarks>The kernel's own tables are untouched: other processors, and the kernel itself, never see the change.</remarks>
internal static class PrivateTables
{
    /// <summary>Bytes that they take, for each processor.</summary>
    internal const ulong Bytes = 0x8000;

    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const int EntryBytes = sizeof(ulong);
    private const int IndexBits = 9;
    private const ulong IndexMask = (1UL << IndexBits) - 1;
    private const int PageBits = 12;
    private const int TableBytes = 1 << PageBits;

    /// <summary>Makes them.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="device">The device's memory.</param>
    /// <param name="place">Where they go.</param>
    /// <param name="registers">The processor's control registers.</param>
    /// <param name="address">The page.</param>
    /// <param name="size">Its size.</param>
    /// <param name="cr3">The new CR3.</param>
    /// <returns>False if a table is not in RAM, or the device takes none.</returns>
    internal static bool TryMake(
        GuestRam ram, IDeviceMemory device, ulong place, in ControlRegisters registers, ulong address, PageSize size, out ulong cr3)
    {
        int level = new Cr4(registers.Cr4).La57 ? 5 : 4;
        int last = size == PageSize.Size4K ? 1 : size == PageSize.Size2M ? 2 : 3;
        ulong denied = new Cr0(registers.Cr0).WriteProtect ? Writable : Present;
        cr3 = (registers.Cr3.Value & ~AddressMask) | place;
        ulong table = registers.Cr3.Value & AddressMask;
        Span<byte> copy = stackalloc byte[TableBytes];
        for (; ; level--, place += TableBytes)
        {
            ReadOnlySpan<byte> bytes = ram.Bytes(table, TableBytes);
            if (bytes.IsEmpty) return false;
            bytes.CopyTo(copy);
            int index = (int)((address >> (PageBits + (IndexBits * (level - 1)))) & IndexMask);
            Span<byte> at = copy.Slice(index * EntryBytes, EntryBytes);
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(at);
            table = entry & AddressMask;
            ulong changed = level == last ? entry & ~denied : (entry & ~AddressMask) | (place + TableBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(at, changed);
            if (!device.TryWrite(place, copy)) return false;
            if (level == last) return true;
        }
    }
}
