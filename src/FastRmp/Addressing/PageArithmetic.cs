using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Arithmetic on <see cref="PageSize"/>, <see cref="PagingLevel"/> and <see cref="PagingMode"/>, and names as the manuals write
/// them.</summary>
/// <remarks>A size operand in a guest's register may hold any value and is refused by the instruction; here one that is not a size is the
/// caller's mistake.</remarks>
public static class PageArithmetic
{
    /// <summary>Bits of an address that index a table of any level: 9.</summary>
    /// <remarks>AMD64 APM vol. 2, 5.3; the tables of AMD-Vi and the GCR3 table have as many.</remarks>
    public const int IndexBits = 9;

    /// <summary>Entries of a table of any level, and so pages of one size in a page of the next: 512.</summary>
    public const int EntriesPerTable = 1 << IndexBits;

    /// <summary>The index in an address that was shifted right by the level's <see cref="Shift(PagingLevel)"/>.</summary>
    internal const ulong IndexMask = EntriesPerTable - 1;

    private const int SmallShift = 12;
    private const int EntryShift = 3; // of an entry's 8 bytes
    private const int FourLevelBits = 48;
    private const int FiveLevelBits = FourLevelBits + IndexBits;

    /// <summary>Bits of an address below a page of this size: 12, 21 or 30.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>The base-2 logarithm of the size in bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PageSize size)
    {
        if (size > PageSize.Size1G) Throw.NoPageSize(nameof(size), (int)size);
        return size.ShiftUnchecked();
    }

    /// <summary>The size in bytes: 0x1000, 0x20_0000 or 0x4000_0000.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bytes(this PageSize size) => 1UL << size.Shift();

    /// <summary>The number of 4 KiB pages: 1, 512 or 262,144.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>4 KiB pages.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pages(this PageSize size) => size.Bytes() >> SmallShift;

    /// <summary>The mask of the address bits inside a page of this size.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OffsetMask(this PageSize size) => size.Bytes() - 1;

    /// <summary><see cref="Shift(PageSize)"/> of a value that is known to be a size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftUnchecked(this PageSize size) => SmallShift + (IndexBits * (int)size);

    /// <summary><see cref="OffsetMask"/> of a value that is known to be a size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong OffsetMaskUnchecked(this PageSize size) => (1UL << size.ShiftUnchecked()) - 1;

    /// <summary>The short name that the tool prints: <c>4K</c>, <c>2M</c> or <c>1G</c>; <c>?</c> for a value that is not a size.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>An interned string.</returns>
    public static string ShortName(this PageSize size) => size switch
    {
        PageSize.Size4K => "4K",
        PageSize.Size2M => "2M",
        PageSize.Size1G => "1G",
        _ => "?",
    };

    /// <summary>The name of a state as the firmware ABI writes it: <c>Guest-Valid</c>, <c>HV_Fixed</c>.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The name.</returns>
    public static string Name(this PageState state) => state switch
    {
        PageState.Default => "Default",
        PageState.Hypervisor => "Hypervisor",
        PageState.HvFixed => "HV_Fixed",
        PageState.Firmware => "Firmware",
        PageState.FirmwareIommu => "Firmware-IOMMU",
        PageState.Reclaim => "Reclaim",
        PageState.Context => "Context",
        PageState.Metadata => "Metadata",
        PageState.PreGuest => "Pre-Guest",
        PageState.PreSwap => "Pre-Swap",
        PageState.GuestInvalid => "Guest-Invalid",
        PageState.GuestValid => "Guest-Valid",
        _ => "Invalid",
    };

    /// <summary>The level of the table that CR3 points to.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>Level 4 or 5.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PagingMode"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel TopLevel(this PagingMode mode)
    {
        if (mode > PagingMode.FiveLevel) Throw.NoPagingMode(nameof(mode), (int)mode);
        return mode.TopLevelUnchecked();
    }

    /// <summary>How many bits of a virtual address the tables translate: 48 or 57. The bits above repeat the highest of them.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>Bits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a mode.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AddressBits(this PagingMode mode)
    {
        if (mode > PagingMode.FiveLevel) Throw.NoPagingMode(nameof(mode), (int)mode);
        return mode.AddressBitsUnchecked();
    }

    /// <summary>The mode with a number of levels, as CR4.LA57 says.</summary>
    /// <param name="isFiveLevel">Whether there are five levels.</param>
    /// <returns>Five or four levels.</returns>
    public static PagingMode ModeOf(bool isFiveLevel) => isFiveLevel ? PagingMode.FiveLevel : PagingMode.FourLevel;

    /// <summary>Whether the tables of a mode have a page map level 5. A value that is not a mode has none.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>True with five levels.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFiveLevel(this PagingMode mode) => mode == PagingMode.FiveLevel;

    /// <summary>The size of a page that an entry of the level maps.</summary>
    /// <param name="level">Level 1, 2 or 3.</param>
    /// <returns>4 KiB, 2 MiB or 1 GiB.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no pages of the level.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSize LeafSize(this PagingLevel level)
    {
        if (level is PagingLevel.None or > PagingLevel.PageDirectoryPointer)
        {
            Throw.NoPagingLevel(nameof(level), (int)level, (int)PagingLevel.PageDirectoryPointer);
        }

        return level.LeafSizeUnchecked();
    }

    /// <summary>The base-2 logarithm of the bytes that one entry of the level covers: 12, 21, 30, 39 or 48.</summary>
    /// <param name="level">Level 1 to 5.</param>
    /// <returns>Bits of an address below the level's index.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PagingLevel"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PagingLevel level)
    {
        if (level is PagingLevel.None or > PagingLevel.PageMapLevel5)
        {
            Throw.NoPagingLevel(nameof(level), (int)level, (int)PagingLevel.PageMapLevel5);
        }

        return level.ShiftUnchecked();
    }

    /// <summary>The base-2 logarithm of the bytes that a whole table of the level covers: 21, 30, 39, 48 or 57.</summary>
    /// <param name="level">Level 1 to 5.</param>
    /// <returns>Bits of an address below the index of the level above.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a level.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TableShift(this PagingLevel level) => level.Shift() + IndexBits;

    /// <summary><see cref="TopLevel"/> of a value that is known to be a mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PagingLevel TopLevelUnchecked(this PagingMode mode) => (PagingLevel)((int)PagingLevel.PageMapLevel4 + (int)mode);

    /// <summary><see cref="AddressBits"/> of a value that is known to be a mode. Two constants, so that a mode that is one, too, leaves
    /// one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int AddressBitsUnchecked(this PagingMode mode) => mode.IsFiveLevel() ? FiveLevelBits : FourLevelBits;

    /// <summary>Of <see cref="ShiftUnchecked(PagingLevel)"/>, for each byte of a table instead of each entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ByteShiftUnchecked(this PagingLevel level) => level.ShiftUnchecked() - EntryShift;

    /// <summary><see cref="LeafSize"/> of a level that is known to have pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PageSize LeafSizeUnchecked(this PagingLevel level) => (PageSize)((int)level - (int)PagingLevel.PageTable);

    /// <summary><see cref="Shift(PagingLevel)"/> of a value that is known to be a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftUnchecked(this PagingLevel level) => ShiftOfLevel((int)level);

    /// <summary>The same of a level as a number, for tables with a sixth level: a number that went through the enumeration would be cut to
    /// a byte each time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftOfLevel(int level) => SmallShift + (IndexBits * (level - 1));
}
