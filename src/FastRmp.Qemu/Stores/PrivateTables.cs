using System;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>Page tables that a processor uses for one instruction: the kernel's, but for the tables on the way to a page or two, which are
/// copied into memory of a device's, and the pages' entries, which do not allow writes.</summary>
/// <remarks>The kernel's own tables are untouched: other processors, and the kernel itself, never see the change.</remarks>
internal sealed class PrivateTables
{
    /// <summary>Bytes that they take, for each processor: those of two pages have the top one in common.</summary>
    internal const ulong Bytes = Most * TableBytes;

    private const int Most = 9;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const int IndexBits = 9;
    private const int Entries = 1 << IndexBits;
    private const ulong IndexMask = Entries - 1;
    private const int PageBits = 12;
    private const int TableBytes = 1 << PageBits;

    private readonly GuestRam _ram;
    private readonly ulong _place;
    private readonly ulong _root;
    private readonly ulong _denied;
    private readonly int _levels;
    private readonly ulong[] _tables = new ulong[Most]; // of the kernel's
    private readonly ulong[] _copies = new ulong[Most * Entries];
    private int _count;

    /// <summary>No tables yet.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="place">Where they go.</param>
    /// <param name="registers">The processor's control registers.</param>
    internal PrivateTables(GuestRam ram, ulong place, in ControlRegisters registers)
    {
        _ram = ram;
        _place = place;
        _root = registers.Cr3.Value & AddressMask;
        _levels = new Cr4(registers.Cr4).La57 ? 5 : 4;
        _denied = new Cr0(registers.Cr0).WriteProtect ? Writable : Present;
        Cr3 = (registers.Cr3.Value & ~AddressMask) | place;
    }

    /// <summary>The new CR3.</summary>
    internal ulong Cr3 { get; }

    /// <summary>Takes the writes of a page away.</summary>
    /// <param name="address">The page.</param>
    /// <param name="size">Its size.</param>
    /// <returns>False if a table is not in RAM, or there is no room; then they are of no use.</returns>
    internal bool TryDeny(ulong address, PageSize size)
    {
        int last = size == PageSize.Size4K ? 1 : size == PageSize.Size2M ? 2 : 3;
        ulong table = _root;
        if (!TryCopy(table, out int copy)) return false;
        for (int level = _levels; ; level--)
        {
            int index = (int)((address >> (PageBits + (IndexBits * (level - 1)))) & IndexMask);
            ref ulong entry = ref _copies[(copy * Entries) + index];
            if (level == last)
            {
                entry &= ~_denied;
                return true;
            }

            ReadOnlySpan<ulong> kernels = Table(table);
            if (kernels.IsEmpty) return false;
            table = kernels[index] & AddressMask;
            if (!TryCopy(table, out copy)) return false;
            entry = (entry & ~AddressMask) | PlaceOf(copy);
        }
    }

    /// <summary>Puts them into the device's memory.</summary>
    /// <returns>False if it takes none.</returns>
    internal bool TryWrite(IDeviceMemory device)
    {
        for (int i = 0; i < _count; i++)
        {
            if (!device.TryWrite(PlaceOf(i), MemoryMarshal.AsBytes(_copies.AsSpan(i * Entries, Entries)))) return false;
        }

        return true;
    }

    private ulong PlaceOf(int copy) => _place + ((ulong)copy * TableBytes);

    private ReadOnlySpan<ulong> Table(ulong table) => MemoryMarshal.Cast<byte, ulong>(_ram.Bytes(table, TableBytes));

    /// <summary>Finds the copy of a table, or makes it.</summary>
    private bool TryCopy(ulong table, out int copy)
    {
        copy = Array.IndexOf(_tables, table, 0, _count);
        if (copy >= 0) return true;
        ReadOnlySpan<ulong> kernels = Table(table);
        if (kernels.IsEmpty || _count == Most) return false;
        copy = _count++;
        _tables[copy] = table;
        kernels.CopyTo(_copies.AsSpan(copy * Entries, Entries));
        return true;
    }
}
