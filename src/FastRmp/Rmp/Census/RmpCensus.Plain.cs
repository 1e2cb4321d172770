using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <content>
/// Whether all sub-entries of a block are plain: in a state that follows from a few bits of the low quadword, and nothing to report. Then
/// they need only be tallied. Any other block is counted run by run, which is correct for every entry. So a plain entry may be classified
/// as not plain, but not the reverse.
/// </content>
public sealed partial class RmpCensus
{
    private const int InDoubt = -1;
    private const ulong NeverInSubpages = RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask;
    private const ulong MarkBit = 1UL << RmpEntry.AsidShift; // with it 0x3FE, the mark of a save area in use, is 0x3FF, the lock value
    private const int ImmutableToLock = RmpEntry.LockShift - RmpEntry.ImmutableShift;

    /// <summary>Counts the assigned entries of a block whose entries are all plain.</summary>
    /// <param name="block">Two words an entry; a multiple of 8 entries, at least 8.</param>
    /// <param name="ofFirst">Of the first low quadword these bits count: none if it is that of a base entry.</param>
    /// <returns>How many are assigned; negative if an entry may not be plain.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int CountPlain(ReadOnlySpan<ulong> block, ulong ofFirst)
    {
        if (Vector512.IsHardwareAccelerated) return CountPlain512(block, ofFirst);
        if (Vector256.IsHardwareAccelerated) return CountPlain256(block, ofFirst);
        if (Vector128.IsHardwareAccelerated) return CountPlain128(block, ofFirst);
        return CountPlainScalar(block, ofFirst);
    }

    // The simple version: reference, and the version for machines without vectors.
    internal static int CountPlainScalar(ReadOnlySpan<ulong> block, ulong ofFirst)
    {
        int assigned = 0;
        ulong counts = ofFirst;
        for (int i = 0; i < block.Length; i += 2, counts = ulong.MaxValue)
        {
            ulong low = block[i] & counts;
            bool isAssigned = (low & RmpEntry.AssignedMask) != 0;
            ulong asid = low & RmpEntry.AsidMask;
            // firmware's states depend on the GPA
            ulong ownerless = isAssigned ? RmpEntry.ValidatedMask | RmpEntry.GpaMask : RmpEntry.ValidatedMask;
            bool isOdd = asid == 0 ? (low & ownerless) != 0 : !isAssigned || (asid | MarkBit) == RmpEntry.AsidMask;
            bool isLocked = (low & ~(low << ImmutableToLock) & RmpEntry.LockMask) != 0;
            if (isOdd || isLocked || (low & NeverInSubpages) != 0) return InDoubt;
            assigned += isAssigned ? 1 : 0;
        }

        return assigned;
    }

    // A second load that begins one word early has low quadwords in its odd lanes: both together fill a vector with them.
    internal static int CountPlain512(ReadOnlySpan<ulong> block, ulong ofFirst)
    {
        ref ulong first = ref MemoryMarshal.GetReference(block);
        Vector512<ulong> even = Vector512.Create(ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0);
        Vector512<ulong> unassigned = Vector512<ulong>.Zero;
        Vector512<ulong> seen = Vector512<ulong>.Zero;
        Vector512<ulong> locked = Vector512<ulong>.Zero;
        Vector512<ulong> frozen = Vector512<ulong>.Zero;
        Vector512<ulong> doubts = Vector512<ulong>.Zero;
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint end = (nuint)block.Length - lanes;
        nuint i = 0;
        Vector512<ulong> counts = Vector512<ulong>.AllBitsSet.WithElement(0, ofFirst);
        Vector512<ulong> low =
            counts & ((Vector512.LoadUnsafe(ref first) & even) | Vector512.AndNot(Vector512.LoadUnsafe(ref first, lanes - 1), even));
        while (true)
        {
            Vector512<ulong> free = (low & Vector512.Create(RmpEntry.AssignedMask)) - Vector512<ulong>.One; // all ones or all zeros
            Vector512<ulong> asid = low & Vector512.Create(RmpEntry.AsidMask);
            Vector512<ulong> ownerless = low & (Vector512.Create(RmpEntry.ValidatedMask) | (~free & Vector512.Create(RmpEntry.GpaMask)));
            doubts |= Vector512.ConditionalSelect(Vector512.Equals(asid, Vector512<ulong>.Zero), ownerless, free);
            frozen = Vector512.Max(frozen, asid); // 0x3FE and 0x3FF are the largest
            locked |= low & ~(low << ImmutableToLock);
            seen |= low;
            unassigned += free;
            i += 2 * lanes;
            if (i >= end) break;
            low = (Vector512.LoadUnsafe(ref first, i) & even) | Vector512.AndNot(Vector512.LoadUnsafe(ref first, i + lanes - 1), even);
        }

        doubts |= (seen & Vector512.Create(NeverInSubpages)) | (locked & Vector512.Create(RmpEntry.LockMask))
            | Vector512.Equals(frozen | Vector512.Create(MarkBit), Vector512.Create(RmpEntry.AsidMask));
        return doubts == Vector512<ulong>.Zero ? (block.Length / 2) + (int)Vector512.Sum(unassigned) : InDoubt;
    }

    internal static int CountPlain256(ReadOnlySpan<ulong> block, ulong ofFirst)
    {
        ref ulong first = ref MemoryMarshal.GetReference(block);
        Vector256<ulong> even = Vector256.Create(ulong.MaxValue, 0, ulong.MaxValue, 0);
        Vector256<ulong> unassigned = Vector256<ulong>.Zero;
        Vector256<ulong> seen = Vector256<ulong>.Zero;
        Vector256<ulong> locked = Vector256<ulong>.Zero;
        Vector256<ulong> frozen = Vector256<ulong>.Zero;
        Vector256<ulong> doubts = Vector256<ulong>.Zero;
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint end = (nuint)block.Length - lanes;
        nuint i = 0;
        Vector256<ulong> counts = Vector256<ulong>.AllBitsSet.WithElement(0, ofFirst);
        Vector256<ulong> low =
            counts & ((Vector256.LoadUnsafe(ref first) & even) | Vector256.AndNot(Vector256.LoadUnsafe(ref first, lanes - 1), even));
        while (true)
        {
            Vector256<ulong> free = (low & Vector256.Create(RmpEntry.AssignedMask)) - Vector256<ulong>.One; // all ones or all zeros
            Vector256<ulong> asid = low & Vector256.Create(RmpEntry.AsidMask);
            Vector256<ulong> ownerless = low & (Vector256.Create(RmpEntry.ValidatedMask) | (~free & Vector256.Create(RmpEntry.GpaMask)));
            doubts |= Vector256.ConditionalSelect(Vector256.Equals(asid, Vector256<ulong>.Zero), ownerless, free);
            frozen |= Vector256.Equals(asid | Vector256.Create(MarkBit), Vector256.Create(RmpEntry.AsidMask));
            locked |= low & ~(low << ImmutableToLock);
            seen |= low;
            unassigned += free;
            i += 2 * lanes;
            if (i >= end) break;
            low = (Vector256.LoadUnsafe(ref first, i) & even) | Vector256.AndNot(Vector256.LoadUnsafe(ref first, i + lanes - 1), even);
        }

        doubts |= (seen & Vector256.Create(NeverInSubpages)) | (locked & Vector256.Create(RmpEntry.LockMask)) | frozen;
        return doubts == Vector256<ulong>.Zero ? (block.Length / 2) + (int)Vector256.Sum(unassigned) : InDoubt;
    }

    internal static int CountPlain128(ReadOnlySpan<ulong> block, ulong ofFirst)
    {
        ref ulong first = ref MemoryMarshal.GetReference(block);
        Vector128<ulong> even = Vector128.Create(ulong.MaxValue, 0);
        Vector128<ulong> unassigned = Vector128<ulong>.Zero;
        Vector128<ulong> seen = Vector128<ulong>.Zero;
        Vector128<ulong> locked = Vector128<ulong>.Zero;
        Vector128<ulong> frozen = Vector128<ulong>.Zero;
        Vector128<ulong> doubts = Vector128<ulong>.Zero;
        nuint lanes = (nuint)Vector128<ulong>.Count;
        nuint end = (nuint)block.Length - lanes;
        nuint i = 0;
        Vector128<ulong> counts = Vector128<ulong>.AllBitsSet.WithElement(0, ofFirst);
        Vector128<ulong> low =
            counts & ((Vector128.LoadUnsafe(ref first) & even) | Vector128.AndNot(Vector128.LoadUnsafe(ref first, lanes - 1), even));
        while (true)
        {
            Vector128<ulong> free = (low & Vector128.Create(RmpEntry.AssignedMask)) - Vector128<ulong>.One; // all ones or all zeros
            Vector128<ulong> asid = low & Vector128.Create(RmpEntry.AsidMask);
            Vector128<ulong> ownerless = low & (Vector128.Create(RmpEntry.ValidatedMask) | (~free & Vector128.Create(RmpEntry.GpaMask)));
            doubts |= Vector128.ConditionalSelect(Vector128.Equals(asid, Vector128<ulong>.Zero), ownerless, free);
            frozen |= Vector128.Equals(asid | Vector128.Create(MarkBit), Vector128.Create(RmpEntry.AsidMask));
            locked |= low & ~(low << ImmutableToLock);
            seen |= low;
            unassigned += free;
            i += 2 * lanes;
            if (i >= end) break;
            low = (Vector128.LoadUnsafe(ref first, i) & even) | Vector128.AndNot(Vector128.LoadUnsafe(ref first, i + lanes - 1), even);
        }

        doubts |= (seen & Vector128.Create(NeverInSubpages)) | (locked & Vector128.Create(RmpEntry.LockMask)) | frozen;
        return doubts == Vector128<ulong>.Zero ? (block.Length / 2) + (int)Vector128.Sum(unassigned) : InDoubt;
    }
}
