using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace FastRmp;

/// <content>
/// Plain entries are tallied: one counter for each combination of the bits that decide a state or name an owner, one increment an entry and
/// no branch. The tallies are added to states and owners when a count is read.
/// </content>
public sealed partial class RmpCensus
{
    // Rotated so that the ASID begins at bit 0, the 16 bits from there on are ASID, VMSA, Validated, Lock, Assigned, Page_Size, Immutable.
    private const int RotationToIndex = 64 - RmpEntry.AsidShift;

    // Adjacent entries are often equal, and an increment has to wait for the one before of the same counter. The rows are a little longer
    // than 2^16, because the processor takes two addresses with equal low 12 bits for the same one.
    private const int TallyRows = 4;
    private const int RowLength = (1 << 16) + 48;

    private readonly uint[] _tally = new uint[TallyRows * RowLength];
    private uint _tallied;

    /// <summary>Tallies plain entries, and prefetches the next block: the hardware prefetcher alone does not run far enough
    /// ahead.</summary>
    /// <remarks>Each index is inside the table whatever the entry holds: it may have changed since it was looked at.</remarks>
    private void Tally(ReadOnlySpan<ulong> words)
    {
        const nuint Step = 2 * TallyRows;
        ref ulong first = ref MemoryMarshal.GetReference(words);
        ref uint tally = ref MemoryMarshal.GetArrayDataReference(_tally);
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + Step <= end; i += Step)
        {
            Prefetch(ref Unsafe.Add(ref first, i + (2 * PagesPerRegion)));
            Unsafe.Add(ref tally, IndexOf(Unsafe.Add(ref first, i)))++;
            Unsafe.Add(ref tally, IndexOf(Unsafe.Add(ref first, i + 2)) + RowLength)++;
            Unsafe.Add(ref tally, IndexOf(Unsafe.Add(ref first, i + 4)) + (2 * RowLength))++;
            Unsafe.Add(ref tally, IndexOf(Unsafe.Add(ref first, i + 6)) + (3 * RowLength))++;
        }

        for (; i < end; i += 2)
        {
            Unsafe.Add(ref tally, IndexOf(Unsafe.Add(ref first, i)))++;
        }

        _tallied += (uint)end / 2;
        if (_tallied > int.MaxValue) Fold(); // long before a counter overflows
    }

    private void Fold()
    {
        _tallied = 0;
        for (int at = 0; at < _tally.Length; at++)
        {
            int distance = _tally.AsSpan(at).IndexOfAnyExcept(0U);
            if (distance < 0) return;
            at += distance;
            AddKind(new RmpEntry(BitOperations.RotateRight((ulong)(at % RowLength), RotationToIndex), 0), _tally[at]);
            _tally[at] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint IndexOf(ulong low) => (ushort)BitOperations.RotateLeft(low, RotationToIndex);

    // Safety: a prefetch reads nothing and faults nowhere.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(ref ulong word)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref word));
    }
}
