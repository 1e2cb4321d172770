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

    // What does not fit into the second-level cache is read at four places at once: one stream of reads leaves a part of memory's
    // bandwidth unused. A chunk is 1 MiB, so that a search reads little beyond what it finds.
    internal const int ChunkWords = 1 << 17;
    private const int LongWords = 2 * ChunkWords;
    private const int Streams = 4;

    /// <summary>Whether any entry has Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>True at the first one found.</returns>
    public static bool Any(ReadOnlySpan<RmpEntry> entries)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(entries);
        return words.Length < LongWords ? AnyOf(words, RmpEntry.AssignedMask) : AnyOfMany(words, RmpEntry.AssignedMask, out _);
    }

    /// <summary>The index of the first entry with Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>The index, or −1.</returns>
    public static int IndexOfFirst(ReadOnlySpan<RmpEntry> entries)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(entries);
        if (words.Length < LongWords) return IndexOfFirst(words);
        if (!AnyOfMany(words, RmpEntry.AssignedMask, out int from)) return -1;
        int found = IndexOfFirst(words[from..]);
        return found < 0 ? -1 : found + (from / WordsPerEntry); // another thread may have released it
    }

    /// <summary>How many entries have Assigned set.</summary>
    /// <param name="entries">Entries, any number.</param>
    /// <returns>The count.</returns>
    public static int Count(ReadOnlySpan<RmpEntry> entries)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(entries);
        return words.Length < LongWords ? CountOf(words) : CountOfMany(words);
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

    /// <summary>Whether any entry of a chunk has one of some bits of the low quadword set: <see cref="ChunkWords"/>, read in four
    /// streams.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool AnyInStreams(ReadOnlySpan<ulong> words, ulong mask)
    {
        if (Vector512.IsHardwareAccelerated) return AnyInStreams512(words, mask);
        if (Vector256.IsHardwareAccelerated) return AnyInStreams256(words, mask);
        if (Vector128.IsHardwareAccelerated) return AnyInStreams128(words, mask);
        return AnyScalar(words, mask);
    }

    /// <summary>As <see cref="AnyOf"/>, of any number of entries, chunk by chunk.</summary>
    /// <param name="words">Two words an entry.</param>
    /// <param name="mask">The bits.</param>
    /// <param name="from">No word before this one has any.</param>
    private static bool AnyOfMany(ReadOnlySpan<ulong> words, ulong mask, out int from)
    {
        for (from = 0; words.Length - from >= ChunkWords; from += ChunkWords)
        {
            if (AnyInStreams(words.Slice(from, ChunkWords), mask)) return true;
        }

        return from < words.Length && AnyOf(words[from..], mask);
    }

    private static int CountOfMany(ReadOnlySpan<ulong> words)
    {
        int count = 0;
        for (; words.Length >= ChunkWords; words = words[ChunkWords..])
        {
            count += CountInStreams(words[..ChunkWords]);
        }

        return count + CountOf(words);
    }

    private static int IndexOfFirst(ReadOnlySpan<ulong> words)
    {
        if (Vector512.IsHardwareAccelerated) return IndexOfFirst512(words);
        if (Vector256.IsHardwareAccelerated) return IndexOfFirst256(words);
        if (Vector128.IsHardwareAccelerated) return IndexOfFirst128(words);
        return IndexOfFirstScalar(words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountOf(ReadOnlySpan<ulong> words)
    {
        if (Vector512.IsHardwareAccelerated) return Count512(words);
        if (Vector256.IsHardwareAccelerated) return Count256(words);
        if (Vector128.IsHardwareAccelerated) return Count128(words);
        return CountScalar(words);
    }

    private static int CountInStreams(ReadOnlySpan<ulong> words)
    {
        if (Vector512.IsHardwareAccelerated) return CountInStreams512(words);
        if (Vector256.IsHardwareAccelerated) return CountInStreams256(words);
        if (Vector128.IsHardwareAccelerated) return CountInStreams128(words);
        return CountScalar(words);
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
