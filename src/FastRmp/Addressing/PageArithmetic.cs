using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Arithmetic on <see cref="PageSize"/>, <see cref="PagingLevel"/> and <see cref="PagingMode"/>.</summary>
/// <remarks>A size operand in a guest's register may hold any value and is refused by the instruction; here one that is no size is the
/// caller's mistake.</remarks>
public static class PageArithmetic
{
    private const int SmallShift = 12;

    /// <summary>Bits of an address below a page of this size: 12, 21 or 30.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>The base-2 logarithm of the size in bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PageSize size)
    {
        if (size > PageSize.Size1G) Throw.NoPageSize(nameof(size), (int)size);
        return size.ShiftUnchecked();
    }

    /// <summary>The size in bytes: 0x1000, 0x20_0000 or 0x4000_0000.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bytes(this PageSize size) => 1UL << size.Shift();

    /// <summary>The number of 4 KiB pages: 1, 512 or 262,144.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>4 KiB pages.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pages(this PageSize size) => size.Bytes() >> SmallShift;

    /// <summary>The mask of the address bits inside a page of this size.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OffsetMask(this PageSize size) => size.Bytes() - 1;

    /// <summary><see cref="Shift(PageSize)"/> of a value that is known to be a size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftUnchecked(this PageSize size) => SmallShift + (9 * (int)size);

    /// <summary><see cref="OffsetMask"/> of a value that is known to be a size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong OffsetMaskUnchecked(this PageSize size) => (1UL << size.ShiftUnchecked()) - 1;

    /// <summary>The short name that the tool prints: <c>4K</c>, <c>2M</c> or <c>1G</c>; <c>?</c> for a value that is no size.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>An interned string.</returns>
    public static string ShortName(this PageSize size) => size switch
    {
        PageSize.Size4K => "4K",
        PageSize.Size2M => "2M",
        PageSize.Size1G => "1G",
        _ => "?",
    };

    /// <summary>The level of the table that CR3 points to.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>Level 4 or 5.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no mode.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel TopLevel(this PagingMode mode)
    {
        if (mode > PagingMode.FiveLevel) Throw.NoPagingMode(nameof(mode), (int)mode);
        return mode.TopLevelUnchecked();
    }

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
    /// <exception cref="ArgumentOutOfRangeException">The value is no level.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PagingLevel level)
    {
        if (level is PagingLevel.None or > PagingLevel.PageMapLevel5)
        {
            Throw.NoPagingLevel(nameof(level), (int)level, (int)PagingLevel.PageMapLevel5);
        }

        return level.ShiftUnchecked();
    }

    /// <summary><see cref="TopLevel"/> of a value that is known to be a mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PagingLevel TopLevelUnchecked(this PagingMode mode) => (PagingLevel)((int)PagingLevel.PageMapLevel4 + (int)mode);

    /// <summary><see cref="LeafSize"/> of a level that is known to have pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PageSize LeafSizeUnchecked(this PagingLevel level) => (PageSize)((int)level - (int)PagingLevel.PageTable);

    /// <summary><see cref="Shift(PagingLevel)"/> of a value that is known to be a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftUnchecked(this PagingLevel level) => 3 + (9 * (int)level);
}
