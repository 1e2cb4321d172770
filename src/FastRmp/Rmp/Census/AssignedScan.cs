using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <summary>Finds assigned pages by reading every entry: the architectural definition, which also verifies
/// Subpage_Count.</summary>
/// <remarks>
/// Used on raw dumps and to verify whole regions; the access check reads the base entry only. Takes the widest vectors that the processor
/// runs well; no allocation. While other threads change entries, each quadword is read at a different moment. Any threads. At
/// most 2^30 − 1 entries at once.
/// </remarks>
public static partial class AssignedScan
{
    private const int WordsPerEntry = RmpEntry.SizeInBytes / sizeof(ulong);
    private const uint EvenLanes = 0x5555_5555; // lanes of low quadwords

    /// <summary>Whether any entry has Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>True at the first one found.</returns>
    public static bool Any(ReadOnlySpan<RmpEntry> entries) => AnyOf(MemoryMarshal.Cast<RmpEntry, ulong>(entries), RmpEntry.AssignedMask);

    /// <summary>The index of the first entry with Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>The index, or −1.</returns>
    public static int IndexOfFirst(ReadOnlySpan<RmpEntry> entries)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(entries);
        if (Vector512.IsHardwareAccelerated) return IndexOfFirst512(words);
        if (Vector256.IsHardwareAccelerated) return IndexOfFirst256(words);
        if (Vector128.IsHardwareAccelerated) return IndexOfFirst128(words);
        return IndexOfFirstScalar(words);
    }

    /// <summary>How many entries have Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>The count.</returns>
    public static int Count(ReadOnlySpan<RmpEntry> entries)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(entries);
        if (Vector512.IsHardwareAccelerated) return Count512(words);
        if (Vector256.IsHardwareAccelerated) return Count256(words);
        if (Vector128.IsHardwareAccelerated) return Count128(words);
        return CountScalar(words);
    }

    /// <summary>Whether any entry has one of some bits of the low quadword set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool AnyOf(ReadOnlySpan<ulong> words, ulong mask)
    {
        if (Vector512.IsHardwareAccelerated) return Any512(words, mask);
        if (Vector256.IsHardwareAccelerated) return Any256(words, mask);
        if (Vector128.IsHardwareAccelerated) return Any128(words, mask);
        return AnyScalar(words, mask);
    }

    // The simple versions: reference, tail, and the version for machines without vectors.
    internal static bool AnyScalar(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ulong seen = 0;
        for (int i = 0; i < words.Length; i += WordsPerEntry)
        {
            seen |= words[i];
        }

        return (seen & mask) != 0;
    }

    internal static int IndexOfFirstScalar(ReadOnlySpan<ulong> words)
    {
        for (int i = 0; i < words.Length; i += WordsPerEntry)
        {
            if ((words[i] & RmpEntry.AssignedMask) != 0) return i / WordsPerEntry;
        }

        return -1;
    }

    internal static int CountScalar(ReadOnlySpan<ulong> words)
    {
        ulong count = 0;
        for (int i = 0; i < words.Length; i += WordsPerEntry)
        {
            count += words[i] & RmpEntry.AssignedMask; // Assigned is bit 0, so the masked word is the number to add
        }

        return (int)count;
    }

    private static int TailIndex(ReadOnlySpan<ulong> words, int start)
    {
        int tail = IndexOfFirstScalar(words[start..]);
        return tail < 0 ? -1 : tail + (start / WordsPerEntry);
    }

    private static int FirstEntry(int word, uint laneMask) => (word + BitOperations.TrailingZeroCount(laneMask)) / WordsPerEntry;
}
