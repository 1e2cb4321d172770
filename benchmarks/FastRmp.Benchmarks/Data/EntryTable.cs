using System;
using System.Runtime.InteropServices;

namespace FastRmp.Benchmarks.Data;

/// <summary>RMP entries with random bits in pinned memory; only Assigned is chosen.</summary>
internal sealed unsafe class EntryTable : IDisposable
{
    private readonly PinnedMemory _memory;

    /// <summary>Fills the entries.</summary>
    /// <param name="entries">How many, a multiple of 256.</param>
    /// <param name="assignedOneIn">One of so many is assigned on average; 0 for none.</param>
    /// <param name="seed">Seed.</param>
    internal EntryTable(int entries, int assignedOneIn, int seed)
    {
        _memory = PinnedMemory.Allocate((ulong)entries * RmpEntry.SizeInBytes);
        Count = entries;
        Random random = new(seed);
        Span<ulong> words = new(Words, entries * 2);
        random.NextBytes(MemoryMarshal.AsBytes(words));
        for (int i = 0; i < words.Length; i += 2)
        {
            words[i] &= ~RmpEntry.AssignedMask;
            if (assignedOneIn != 0 && random.Next(assignedOneIn) == 0) words[i] |= RmpEntry.AssignedMask;
        }
    }

    internal int Count { get; }

    internal ulong* Words => (ulong*)_memory.Pointer;

    internal ReadOnlySpan<RmpEntry> Entries => new(_memory.Pointer, Count);

    internal ReadOnlySpan<ulong> QuadWords => new(_memory.Pointer, Count * 2);

    public void Dispose() => _memory.Dispose();
}
