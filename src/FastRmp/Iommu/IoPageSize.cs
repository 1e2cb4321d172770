using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp.Iommu;

/// <summary>Sizes of AMD-Vi's v1 pages: what an entry says of them, and how they are written into one.</summary>
/// <remarks>
/// <para>An entry with NextLevel 0 maps the default size of its level: 4 KiB, 2 MiB, 1 GiB, and 256 TiB at level 5; levels 4 and 6 have
/// none. With NextLevel 7 the size is in the address: a run of ones from bit 12 up, closed by a zero, which is one bit below the
/// size's.</para>
/// <para>A page of 2^n bytes fills 2^((n − 12) mod 9) neighbouring entries of the table at level ((n − 12) div 9) + 1 with the same value.
/// Source: Linux drivers/iommu/amd/io_pgtable.c, QEMU hw/i386/amd_iommu.h.</para>
/// </remarks>
public static class IoPageSize
{
    /// <summary>Binary logarithm of the smallest page: 4 KiB.</summary>
    public const int MinShift = 12;

    /// <summary>Binary logarithm of the largest page: 2 PiB.</summary>
    public const int MaxShift = 51;

    /// <summary>NextLevel of an entry whose address holds the page's size.</summary>
    public const int EncodedLevel = 7;

    internal const int TopLevel = 6;

    private const int UnusableLevel = 4; // a bug of the hardware: 512 GiB

    /// <summary>The level in whose table a page of a size is.</summary>
    /// <param name="shift">Binary logarithm of the size, 12 to 51.</param>
    /// <returns>1 to 5.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no pages of that size.</exception>
    public static int LevelOf(int shift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shift, MinShift);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shift, MaxShift);
        return ((shift - MinShift) / PageArithmetic.IndexBits) + 1;
    }

    /// <summary>How many neighbouring entries a page of a size fills.</summary>
    /// <param name="shift">Binary logarithm of the size, 12 to 51.</param>
    /// <returns>1 to 256.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no pages of that size.</exception>
    public static int SlotsOf(int shift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shift, MinShift);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shift, MaxShift);
        return 1 << ((shift - MinShift) % PageArithmetic.IndexBits);
    }

    /// <summary>What one entry of a level covers: the default size of a page, or all of the next table.</summary>
    /// <param name="level">1 to 6.</param>
    /// <returns>Binary logarithm of the bytes: 12, 21, 30, 39, 48, 57.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShiftOf(int level) => PageArithmetic.ShiftOfLevel(level);

    /// <summary>The size that an address field says, for NextLevel 7.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>Binary logarithm of the bytes, 13 to 53; above 51 the run of ones is not closed in time, and the entry is
    /// malformed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DecodeShift(IoPageTableEntry entry) =>
        1 + BitOperations.TrailingZeroCount(~((entry.Value & IoPageTableEntry.AddressMask) | PageSize.Size4K.OffsetMask()));

    /// <summary>The size of the page that an entry maps.</summary>
    /// <param name="entry">A present entry with NextLevel 0 or 7.</param>
    /// <param name="level">The level of its table, 1 to 6.</param>
    /// <param name="shift">Binary logarithm of the bytes.</param>
    /// <returns>False if such a page cannot are at that level: the entry is malformed.</returns>
    public static bool TryDecode(IoPageTableEntry entry, int level, out int shift)
    {
        if (entry.NextLevel != EncodedLevel)
        {
            shift = ShiftOf(level);
            return level is not UnusableLevel and not TopLevel;
        }

        shift = DecodeShift(entry);
        return shift > ShiftOf(level) && shift < ShiftOf(level + 1) && shift <= MaxShift;
    }

    /// <summary>The first byte of the page that an entry maps.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="shift">Binary logarithm of the page's size.</param>
    /// <returns>The address.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhysicalAddress DecodeBase(IoPageTableEntry entry, int shift) =>
        PhysicalAddress.CreateUnchecked(entry.Value & IoPageTableEntry.AddressMask & ~((1UL << shift) - 1));

    /// <summary>Makes the entry of a page: NextLevel 0 if its size is the default of a level, else 7 with the size in the
    /// address.</summary>
    /// <param name="start">First byte of the page, a multiple of its size.</param>
    /// <param name="shift">Binary logarithm of the size, 12 to 51 but not 39.</param>
    /// <param name="rights">IR and IW.</param>
    /// <returns>A present entry, to be written into all <see cref="SlotsOf"/> slots.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no pages of that size.</exception>
    /// <exception cref="ArgumentException">The address is not a multiple of the size.</exception>
    public static IoPageTableEntry Encode(PhysicalAddress start, int shift, DmaRights rights)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shift, MinShift);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shift, MaxShift);
        ArgumentOutOfRangeException.ThrowIfEqual(shift, ShiftOf(UnusableLevel));
        ulong size = 1UL << shift;
        if ((start.Value & (size - 1)) != 0) Throw.Misaligned(nameof(start), start.Value, size);
        IoPageTableEntry entry = new IoPageTableEntry
        {
            Present = true,
            Address = start,
            Readable = (rights & DmaRights.Read) != 0,
            Writable = (rights & DmaRights.Write) != 0,
        };
        if (SlotsOf(shift) == 1) return entry;
        ulong run = (size - 1) & ~(size >> 1);
        return entry with { Address = PhysicalAddress.CreateUnchecked(start.Value | run), NextLevel = EncodedLevel };
    }
}
