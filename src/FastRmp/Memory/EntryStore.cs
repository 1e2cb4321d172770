using System;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>Pinned memory seen as 16-byte RMP entries: two quadwords each, handed out by reference so that callers use volatile and
/// interlocked accesses on them.</summary>
internal readonly unsafe struct EntryStore
{
    private readonly ulong* _origin;

    internal EntryStore(PinnedMemory memory) => _origin = (ulong*)memory.Pointer;

    /// <summary>The low quadword, which holds Assigned and the lock, and is published last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    // Safety: the geometry gives only indexes inside the storage that the table checked at construction.
    internal ref ulong Low(nuint index) => ref _origin[2 * index];

    /// <summary>The quadword that is written while the low one is locked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong High(nuint index) => ref _origin[(2 * index) + 1]; // Safety: as Low.

    /// <summary>The other quadword of an entry whose low one is at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref ulong HighOf(ref ulong low) => ref Unsafe.Add(ref low, 1); // Safety: an entry is two quadwords.

    /// <summary>One of the quadwords of the bookkeeping area at the storage's start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong Bookkeeping(uint index) => ref _origin[index]; // Safety: the caller keeps the index inside the area.

    /// <summary>Entries as a span, for scans.</summary>
    // Safety: as Low, for all of them.
    internal ReadOnlySpan<RmpEntry> Entries(nuint index, int count) => new(_origin + (2 * index), count);
}
