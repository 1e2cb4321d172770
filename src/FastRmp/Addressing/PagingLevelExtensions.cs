using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Arithmetic on <see cref="PagingLevel"/> and <see cref="PagingMode"/>.</summary>
public static class PagingLevelExtensions
{
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
        if (level is PagingLevel.None or > PagingLevel.PageDirectoryPointer) Throw.NoPagingLevel(nameof(level), (int)level, (int)PagingLevel.PageDirectoryPointer);
        return level.LeafSizeUnchecked();
    }

    /// <summary>The base-2 logarithm of the bytes that one entry of the level covers: 12, 21, 30, 39 or 48.</summary>
    /// <param name="level">Level 1 to 5.</param>
    /// <returns>Bits of an address below the level's index.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is no level.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PagingLevel level)
    {
        if (level is PagingLevel.None or > PagingLevel.PageMapLevel5) Throw.NoPagingLevel(nameof(level), (int)level, (int)PagingLevel.PageMapLevel5);
        return level.ShiftUnchecked();
    }

    /// <summary><see cref="TopLevel"/> of a value that is known to be a mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PagingLevel TopLevelUnchecked(this PagingMode mode) => (PagingLevel)((int)PagingLevel.PageMapLevel4 + (int)mode);

    /// <summary><see cref="LeafSize"/> of a level that is known to have pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PageSize LeafSizeUnchecked(this PagingLevel level) => (PageSize)((int)level - (int)PagingLevel.PageTable);

    /// <summary><see cref="Shift"/> of a value that is known to be a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftUnchecked(this PagingLevel level) => 3 + (9 * (int)level);
}
