using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>Reads that belong together (rule 7).</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>Reads both quadwords of an entry once.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="page">The page that it is of.</param>
    /// <param name="entry">What was read.</param>
    /// <returns>Whether the entry was at rest: the same low quadword, not held, before and after the high one; a save area in use is
    /// at rest. The result and the quadwords are of one moment if the region's version is the same around them, too (rules 7 and
    /// 8).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadEntry(nuint index, PhysicalAddress page, out RmpEntry entry)
    {
        ref ulong lowWord = ref Entries.Low(index);
        LowQuadword low = Volatile.Read(ref lowWord);
        ulong high = Volatile.Read(ref Entries.High(index)); // acquire: the second read of the low quadword comes after it
        ulong again = Volatile.Read(ref lowWord);
        entry = new RmpEntry(again, high);
        return low == again && !low.IsFrozen && (!low.IsLockedMutable || IsInUseAtRest(low, page));
    }

    /// <summary>Reads a page's entry and its region's base entry, both of one moment.</summary>
    /// <returns>False if other threads were changing them each time; then they are the last values read.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadPair(nuint index, PhysicalAddress address, out RmpEntry top, out RmpEntry own)
    {
        nuint baseIndex = index & ~LastSubpage;
        ref ulong version = ref Version(index);
        for (int attempt = 0; ; attempt++)
        {
            // One version around both entries: no 2 MiB instruction came between them.
            ulong begun = Volatile.Read(ref version);
            bool settled = TryReadEntry(baseIndex, address.AlignDown(PageSize.Size2M), out top);
            own = top;
            if (index != baseIndex) settled &= TryReadEntry(index, address, out own);
            settled &= Volatile.Read(ref version) == begun;
            if (settled || attempt == MaxAttempts) return settled;
        }
    }

    /// <summary>As <see cref="TryReadPair"/> at once, of entries that nobody holds, nor marked: the usual case, without a call.</summary>
    /// <returns>False if it is another case.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadPairOnce(nuint index, out RmpEntry top, out RmpEntry own)
    {
        nuint baseIndex = index & ~LastSubpage;
        ref ulong version = ref Version(index);
        ulong begun = Volatile.Read(ref version);
        own = default;
        return TryReadFree(baseIndex, out top) && TryReadFree(index, out own) && Volatile.Read(ref version) == begun;
    }

    /// <summary>Reads both quadwords of an entry once, as <see cref="TryReadEntry"/>.</summary>
    /// <returns>Whether the entry was at rest, and not locked but for firmware.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadFree(nuint index, out RmpEntry entry)
    {
        ref ulong lowWord = ref Entries.Low(index);
        LowQuadword low = Volatile.Read(ref lowWord);
        ulong high = Volatile.Read(ref EntryStore.HighOf(ref lowWord));
        ulong again = Volatile.Read(ref lowWord);
        entry = new RmpEntry(again, high);
        return low == again && !low.IsFrozen && !low.IsLockedMutable;
    }

    /// <summary>Whether nothing that a mapping reaches is assigned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUnassigned(EntryStore entries, nuint index, PageSize mapping)
    {
        ulong reach = RmpEntry.AssignedMask;
        if (mapping != PageSize.Size4K)
        {
            index &= ~LastSubpage;
            reach |= RmpEntry.SubpageCountMask;
        }

        return (Volatile.Read(ref entries.Low(index)) & reach) == 0;
    }

    /// <summary>The entry that holds a page's attributes: its own, or the base entry of a 2 MiB page.</summary>
    /// <param name="index">The page's own entry.</param>
    /// <param name="low">The low quadword of the entry found.</param>
    /// <returns>Index of the entry found.</returns>
    /// <remarks>
    /// Two reads, but the result is valid for a single moment. If the base is large, its own quadword is the result. If the base was small,
    /// the page's own quadword is: if the region became a 2 MiB page in between, it was empty before, and the refusal to which the
    /// sub-entry (ASID 0) leads was correct at that moment; if a PSMASH is in progress, an entry that it has published is final, because
    /// all other instructions report contention.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nuint Attributes(nuint index, out LowQuadword low)
    {
        nuint baseIndex = index & ~LastSubpage;
        low = Volatile.Read(ref Entries.Low(baseIndex));
        if (index == baseIndex || low.IsLarge) return baseIndex;
        low = Volatile.Read(ref Entries.Low(index));
        return index;
    }

    /// <summary>Reads both quadwords of an entry, at rest if it comes to rest within the tries.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="page">The page that it is of.</param>
    /// <returns>The entry, or the last value read.</returns>
    internal RmpEntry Read(nuint index, PhysicalAddress page)
    {
        ref ulong version = ref Version(index);
        for (int attempt = 0; ; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            bool settled = TryReadEntry(index, page, out RmpEntry entry) && Volatile.Read(ref version) == begun;
            if (settled || attempt == MaxAttempts) return entry;
        }
    }
}
