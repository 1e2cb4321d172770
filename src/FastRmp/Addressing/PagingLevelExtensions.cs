using System.Runtime.CompilerServices;

namespace FastRmp.Addressing;

/// <summary>Arithmetic on <see cref="PagingLevel"/> and <see cref="PagingMode"/>.</summary>
public static class PagingLevelExtensions
{
    /// <summary>The level of the table that CR3 points to.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>Level 4 or 5.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel TopLevel(this PagingMode mode) => (PagingLevel)((int)PagingLevel.PageMapLevel4 + (int)mode);

    /// <summary>The size of a page that an entry of the level maps.</summary>
    /// <param name="level">Level 1, 2 or 3.</param>
    /// <returns>4 KiB, 2 MiB or 1 GiB.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSize LeafSize(this PagingLevel level) => (PageSize)((int)level - (int)PagingLevel.PageTable);

    /// <summary>The base-2 logarithm of the bytes that one entry of the level covers: 12, 21, 30, 39 or 48.</summary>
    /// <param name="level">Level 1 to 5.</param>
    /// <returns>Bits of an address below the level's index.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shift(this PagingLevel level) => 3 + (9 * (int)level);
}
