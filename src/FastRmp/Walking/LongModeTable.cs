using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>What all tables in the format of long-mode paging have in common, the IOMMU's guest (v2) tables among them.</summary>
/// <remarks>AMD64 APM vol. 2, 5.3. The IOMMU's host (v1) tables have another format and as many entries.</remarks>
internal static class LongModeTable
{
    private const ulong OffsetMask = PageArithmetic.IndexMask * PagingEntry.SizeInBytes;

    /// <summary>Where the entry of an address stands in a table of a level: the index times 8, in two instructions. A rotation instead of a
    /// shift, as it needs no copy first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PhysicalAddress EntryAddress(PhysicalAddress table, VirtualAddress address, PagingLevel level) =>
        PhysicalAddress.CreateUnchecked(
            table.Value + (BitOperations.RotateRight(address.Value, level.ByteShiftUnchecked()) & OffsetMask));

    /// <summary>A PTE always maps a page, a PDE and a PDPE with PS set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsLeaf(ulong entry, PagingLevel level) =>
        level == PagingLevel.PageTable || (level <= PagingLevel.PageDirectoryPointer && (entry & PagingEntry.LargePageMask) != 0);

    /// <summary>Where an address leads in the page that an entry maps; of host (v1) tables, too.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="addressMask">Its address bits.</param>
    /// <param name="sizeShift">Binary logarithm of the page's size.</param>
    /// <param name="address">The address asked for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PhysicalAddress PageOf(ulong entry, ulong addressMask, int sizeShift, ulong address)
    {
        ulong offset = (1UL << sizeShift) - 1;
        return PhysicalAddress.CreateUnchecked((entry & addressMask & ~offset) | (address & offset));
    }
}
