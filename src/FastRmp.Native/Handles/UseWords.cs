using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The words with the number of in-use marks, one a slot in a cache line of its own. They never move and are never freed: the
/// caller may look at one later than it should.</summary>
internal static unsafe class UseWords
{
    private const int WordsPerLine = 8;
    private const int SlotsPerChunk = 64;

    private static ulong[]?[] _chunks = [];

    /// <summary>The word of a slot; under the lock of the handles.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>The word.</returns>
    internal static ulong* Of(int slot)
    {
        int chunk = slot / SlotsPerChunk;
        if (chunk >= _chunks.Length) Array.Resize(ref _chunks, chunk + 1);
        ulong[] words = _chunks[chunk] ??= GC.AllocateArray<ulong>((SlotsPerChunk + 1) * WordsPerLine, pinned: true);
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(words);
        fixed (ulong* start = &first) return start + ((slot % SlotsPerChunk) * WordsPerLine); // Safety: pinned for good.
    }
}
