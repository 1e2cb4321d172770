using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <summary>Accesses to all entries of a region by vectors, several entries at once.</summary>
/// <remarks>A quadword is read or written whole, and written once; between quadwords there is no order, neither in a vector nor among
/// vectors. What came before (a compare-and-swap) and what comes after (a store with release semantics) is in order with all of
/// them.</remarks>
internal static class RegionEntries
{
    private const int Count = PageArithmetic.EntriesPerTable;
    private const nuint Words = 2 * Count;

    /// <summary>Whether some bit is set in the low quadword of an entry.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="mask">The bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool AnyOf(EntryStore entries, nuint baseIndex, ulong mask) =>
        AssignedScan.AnyOf(MemoryMarshal.Cast<RmpEntry, ulong>(entries.Entries(baseIndex, Count)), mask);

    /// <summary>Writes the 511 entries after the base entry, all equal.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="low">Their low quadword.</param>
    /// <param name="high">Their high quadword.</param>
    internal static void Fill(EntryStore entries, nuint baseIndex, ulong low, ulong high)
    {
        // The vectors are aligned: a region begins at a multiple of its size.
        ref ulong first = ref entries.Low(baseIndex);
        if (Vector512.IsHardwareAccelerated)
        {
            FillOneByOne(ref first, low, high, 3);
            Vector512<ulong> four = Vector512.Create(Vector256.Create(low, high, low, high));
            for (nuint i = 8; i < Words; i += 8) four.StoreUnsafe(ref first, i);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            FillOneByOne(ref first, low, high, 1);
            Vector256<ulong> two = Vector256.Create(low, high, low, high);
            for (nuint i = 4; i < Words; i += 4) two.StoreUnsafe(ref first, i);
        }
        else
        {
            FillOneByOne(ref first, low, high, Count - 1);
        }
    }

    private static void FillOneByOne(ref ulong first, ulong low, ulong high, nuint last)
    {
        for (nuint i = 2; i <= 2 * last; i += 2)
        {
            Unsafe.Add(ref first, i) = low;
            Unsafe.Add(ref first, i + 1) = high;
        }
    }
}
