using System.Runtime.CompilerServices;

namespace FastRmp.Addressing;

/// <summary>Arithmetic on <see cref="PageSize"/>.</summary>
public static class PageSizeExtensions
{
    /// <summary>Bits of an address below a page of this size: 12, 21 or 30.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>The base-2 logarithm of the size in bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PageSize size) => 12 + (9 * (int)size);

    /// <summary>The size in bytes: 0x1000, 0x20_0000 or 0x4000_0000.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bytes(this PageSize size) => 1UL << size.Shift();

    /// <summary>The number of 4 KiB pages: 1, 512 or 262,144.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>4 KiB pages.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pages(this PageSize size) => 1UL << (9 * (int)size);

    /// <summary>The mask of the address bits inside a page of this size.</summary>
    /// <param name="size">The page size.</param>
    /// <returns>Bytes − 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OffsetMask(this PageSize size) => size.Bytes() - 1;

    /// <summary>The short name that the tool prints: <c>4K</c>, <c>2M</c> or <c>1G</c>.</summary>
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
