using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The 511 sub-entries of a region, several at once, for a 2 MiB instruction that has taken the base (rule 5).</summary>
/// <remarks>A quadword is read or written whole, and each method writes it once; between quadwords there is no order, neither in a vector
/// nor among vectors. Each method changes either low quadwords or high ones, and writes back the others as they are: no other thread writes
/// them meanwhile. Callers have a fence between two methods.</remarks>
internal static class RegionEntries
{
    private const int Words = 2 * PageArithmetic.EntriesPerTable;
    private const int Unrolled = 4;

    // Of a vector of entries, the lanes of low quadwords.
    private static Vector<ulong> Lows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector.Equals(Vector<ulong>.Indices & Vector<ulong>.One, Vector<ulong>.Zero);
    }

    /// <summary>The bits that are set in any sub-entry.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpEntry Union(EntryStore entries, nuint baseIndex)
    {
        ref ulong first = ref entries.Low(baseIndex);
        int lanes = Vector<ulong>.Count;
        ulong low = 0;
        ulong high = 0;
        for (int i = 2; i < lanes; i += 2)
        {
            low |= Unsafe.Add(ref first, i);
            high |= Unsafe.Add(ref first, i + 1);
        }

        Vector<ulong> seen = At(ref first, lanes) | At(ref first, 2 * lanes) | At(ref first, 3 * lanes);
        Vector<ulong> other = Vector<ulong>.Zero;
        for (int i = Unrolled * lanes; i < Words; i += Unrolled * lanes)
        {
            seen |= At(ref first, i) | At(ref first, i + lanes);
            other |= At(ref first, i + (2 * lanes)) | At(ref first, i + (3 * lanes));
        }

        seen |= other;
        for (int i = 0; i < lanes; i += 2)
        {
            low |= seen[i];
            high |= seen[i + 1];
        }

        return new RmpEntry(low, high);
    }

    /// <summary>Locks all sub-entries.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="holder">The instruction.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Lock(EntryStore entries, nuint baseIndex, ulong holder) =>
        Change(ref entries.Low(baseIndex), RmpEntry.GpaMask, 0, RmpEntry.LockMask | holder, 0);

    /// <summary>Writes the high quadwords of all sub-entries, which are locked.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="high">What they become.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void WriteHighs(EntryStore entries, nuint baseIndex, ulong high) =>
        Change(ref entries.Low(baseIndex), 0, ulong.MaxValue, 0, high);

    /// <summary>Writes all sub-entries, whose high quadwords are zero already.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="low">What the low quadwords become.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void WriteLows(EntryStore entries, nuint baseIndex, ulong low)
    {
        ref ulong first = ref entries.Low(baseIndex);
        int lanes = Vector<ulong>.Count;
        for (int i = 2; i < lanes; i += 2)
        {
            Unsafe.Add(ref first, i) = low;
        }

        Vector<ulong> all = new Vector<ulong>(low) & Lows;
        for (int i = lanes; i < Words; i += lanes)
        {
            At(ref first, i) = all;
        }
    }

    /// <summary>Clears some bits of all sub-entries and sets others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Change(ref ulong first, ulong clearLow, ulong clearHigh, ulong setLow, ulong setHigh)
    {
        int lanes = Vector<ulong>.Count;
        for (int i = 2; i < lanes; i += 2)
        {
            Unsafe.Add(ref first, i) = (Unsafe.Add(ref first, i) & ~clearLow) | setLow;
            Unsafe.Add(ref first, i + 1) = (Unsafe.Add(ref first, i + 1) & ~clearHigh) | setHigh;
        }

        Vector<ulong> kept = ~Vector.ConditionalSelect(Lows, new Vector<ulong>(clearLow), new Vector<ulong>(clearHigh));
        Vector<ulong> set = Vector.ConditionalSelect(Lows, new Vector<ulong>(setLow), new Vector<ulong>(setHigh));
        for (int i = lanes; i < Words; i += lanes)
        {
            At(ref first, i) = (At(ref first, i) & kept) | set;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector<ulong> At(ref ulong first, int word) => ref Unsafe.As<ulong, Vector<ulong>>(ref Unsafe.Add(ref first, word));
}
