using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>
/// The lock-free protocol under every instruction. No operation waits for another: it takes effect by compare-and-swap, or puts back what it
/// touched and reports contention. The rules, on which the arguments beside each transition rest:
///
/// 1. An instruction on a 4 KiB page first locks the page's own entry: a CAS sets Lock. An old Lock with Immutable clear is contention; with
///    Immutable set it is a resting firmware page (FAIL_PERMISSION). Only the holder of the lock writes the entry again, except for rule 2.
/// 2. Lock in a base entry does not freeze Subpage_Count. Others move the count by CAS under the lock; whoever publishes a base entry does so by
///    a CAS that carries the count as it then is.
/// 3. ASID 0x3FF in a base entry freezes everything in it. It is taken only from an unlocked entry that is a 2 MiB page, or is unassigned with
///    count 0. A release of a 4 KiB page holds a count of at least 1 until it is done, so it never meets 0x3FF and finishes without waiting.
///    Who wants to raise the count and finds 0x3FF restores its own entry and reports contention.
/// 4. Count first when assigning, count last when releasing: the count is never below the number of assigned sub-entries, so the check of a
///    large mapping may be conservative for an instant and never misses an assigned page.
/// 5. An instruction on a 2 MiB page takes the base (rule 3), then locks all 511 sub-entries; meeting a locked one it restores everything and
///    reports contention. A 4 KiB instruction locks its entry before it looks at the base, a 2 MiB one takes the base before it looks at the
///    entries, both by full-fence CAS: of two that overlap at least one sees the other.
/// 6. The low quadword is published last, with release semantics; the high one is only written while the low one is locked.
/// 7. A low quadword can come back to an old value (a page released and assigned as before), so a reader that found it twice may still have the
///    high one of the time between. Whoever replaces the high quadword of an assigned entry therefore moves the region's version first, and a
///    reader accepts only what it read under one version.
///
/// A thread that dies inside leaves at most one 2 MiB region that reports contention; nothing else stops.
/// </content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>Tries of one CAS against others before contention is reported: enough to ride out a neighbour, small enough to stay bounded.</summary>
    private const int MaxAttempts = 64;

    /// <summary>The ASID value that locks a base entry: all ones.</summary>
    private const uint AsidLock = (uint)(RmpEntry.AsidMask >> RmpEntry.AsidShift);

    /// <summary>Counters in the bookkeeping area: one quadword for each ASID.</summary>
    private const uint AsidCounters = (uint)(ContiguousGeometry.BookkeepingBytes / sizeof(ulong));

    /// <summary>Versions that regions share, and the distance between two: a cache line each, so that regions do not slow each other down.</summary>
    private const nuint Versions = 64;
    private const nuint VersionStride = 8;

    private const ulong OneSubpage = 1UL << RmpEntry.SubpageCountShift;

    private const ulong MinusOneSubpage = ~OneSubpage + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFrozen(ulong baseLow) => (baseLow & RmpEntry.AsidMask) == RmpEntry.AsidMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLarge(ulong baseLow) => (baseLow & RmpEntry.PageSizeMask) != 0;

    /// <summary>The count moved by one, inside its field whatever a damaged table holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MoveCount(ulong baseLow, ulong delta) =>
        (baseLow & ~RmpEntry.SubpageCountMask) | ((baseLow + delta) & RmpEntry.SubpageCountMask);

    private ref ulong Version(nuint index) => ref _versions[(index / (LastSubpage + 1) % Versions) * VersionStride];

    /// <summary>Moves the version of a region, before the high quadword of an assigned entry in it is replaced (rule 7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginWrite(nuint index) => Interlocked.Increment(ref Version(index));

    /// <summary>Reads both quadwords of an entry so that they belong together: equal, unlocked low quadwords around the high one, all under one version.</summary>
    private RmpEntry ReadEntry(nuint index, out bool settled)
    {
        ref ulong lowWord = ref _entries.Low(index);
        ref ulong version = ref Version(index);
        ulong begun = Volatile.Read(ref version);
        ulong low = Volatile.Read(ref lowWord);
        for (int attempt = 0; ; attempt++)
        {
            ulong high = Volatile.Read(ref _entries.High(index)); // acquire: the second read of the low quadword stays behind it
            ulong again = Volatile.Read(ref lowWord);
            bool resting = (low & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) != RmpEntry.LockMask && !IsFrozen(low);
            ulong ended = Volatile.Read(ref version);
            settled = low == again && resting && begun == ended;
            if (settled || attempt == MaxAttempts) return new RmpEntry(again, high);
            low = again;
            begun = ended;
        }
    }

    /// <summary>Lowers the count of a region by one. Never refused (rule 3): each failed try means that another operation got on.</summary>
    private void LowerCount(nuint baseIndex)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong seen = Volatile.Read(ref word);
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref word, MoveCount(seen, MinusOneSubpage), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Publishes a locked base entry with the count as it is by then (rule 2). Never refused: each failed try means that another operation got on.</summary>
    private void PublishBase(nuint baseIndex, ulong lowWithoutCount)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong seen = Volatile.Read(ref word);
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref word, lowWithoutCount | (seen & RmpEntry.SubpageCountMask), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Locks the 511 sub-entries of a region whose base is frozen by the caller.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="refuseImmutable">Whether an immutable sub-entry stops it.</param>
    /// <param name="obstacle">The low quadword of the entry that could not be locked; zero if all are.</param>
    /// <returns>False if one was locked already or is immutable; then all others are as they were.</returns>
    private bool TryLockSubpages(nuint baseIndex, bool refuseImmutable, out ulong obstacle)
    {
        ulong refused = refuseImmutable ? RmpEntry.LockMask | RmpEntry.ImmutableMask : RmpEntry.LockMask;
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            ref ulong word = ref _entries.Low(baseIndex + i);
            ulong seen = Volatile.Read(ref word);
            while ((seen & refused) == 0)
            {
                ulong prior = Interlocked.CompareExchange(ref word, seen | RmpEntry.LockMask, seen);
                if (prior == seen) break;
                seen = prior; // a 4 KiB instruction got there first: locked by now, or restored because it saw the frozen base
            }

            if ((seen & refused) != 0)
            {
                obstacle = seen;
                UnlockSubpages(baseIndex, i);
                return false;
            }
        }

        obstacle = 0;
        return true;
    }

    /// <summary>Takes the locks of <see cref="TryLockSubpages"/> back from entries 1 to <paramref name="end"/> − 1.</summary>
    private void UnlockSubpages(nuint baseIndex, nuint end)
    {
        for (nuint i = 1; i < end; i++)
        {
            ref ulong word = ref _entries.Low(baseIndex + i);
            Volatile.Write(ref word, word & ~RmpEntry.LockMask); // the lock is ours: nobody else writes
        }
    }

    /// <summary>Adds pages to the counter of an ASID. Raised before pages are published as assigned and lowered after they are released, so that firmware's test for zero never passes too early.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddAssignedPages(uint asid, ulong pages)
    {
        if (asid != 0 || Choices.CountAsidZero) Interlocked.Add(ref _entries.Bookkeeping(asid), pages);
    }

    /// <summary>The tests that come before everything else in the host's instructions.</summary>
    /// <returns>False with the result if the instruction ends here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayExecute(in ExecutionState processor, out RmpResult result)
    {
        if (processor is { Is64BitMode: true, SnpEnabled: true, Cpl: 0, Asid: 0 })
        {
            result = default;
            return true;
        }

        result = !processor.Is64BitMode || !processor.SnpEnabled ? RmpResult.InvalidOpcode
            : processor.Cpl != 0 ? RmpResult.GeneralProtection
            : RmpResult.Fail(RmpStatus.FailPermission);
        return false;
    }
}
