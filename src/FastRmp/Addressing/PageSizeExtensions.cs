using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Arithmetic on <see cref="PageSize"/>.</summary>
/// <remarks>A size operand in a guest's register may hold any value and is refused by the instruction; here one that is no size is the caller's mistake.</remarks>
public static class PageSizeExtensions
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

    /// <summary><see cref="Shift"/> of a value that is known to be a size.</summary>
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
}
