using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>The 511 sub-entries of a region, for a 2 MiB instruction (rule 5).</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>Whether the sub-entries of a region that the caller has taken may be overwritten (rule 5). If not, one may be held, or the
    /// table is damaged, and they are locked one by one.</summary>
    /// <param name="union">What <see cref="RegionEntries.Union"/> found.</param>
    /// <param name="isLarge">Whether the region is one page.</param>
    internal static bool IsPlain(RmpEntry union, bool isLarge)
    {
        const ulong Unusual = RmpEntry.LockMask | RmpEntry.ImmutableMask | RmpEntry.AsidMask;
        return (union.Low & (isLarge ? Unusual : Unusual | RmpEntry.AssignedMask)) == 0;
    }

    /// <summary>Locks the 511 sub-entries of a region whose base is frozen by the caller.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="refuseImmutable">Whether an immutable sub-entry stops it.</param>
    /// <param name="obstacle">The low quadword of the entry that could not be locked; zero if all are.</param>
    /// <returns>False if one was locked already or is immutable; then all others are as they were.</returns>
    internal bool TryLockSubpages(nuint baseIndex, bool refuseImmutable, out LowQuadword obstacle)
    {
        ulong refused = refuseImmutable ? RmpEntry.LockMask | RmpEntry.ImmutableMask : RmpEntry.LockMask;
        (ulong stopped, nuint end) = LockSubpages(Entries, baseIndex + 1, baseIndex + LastSubpage, refused);
        obstacle = stopped;
        if (stopped == 0) return true;
        UnlockSubpages(baseIndex, end - baseIndex);
        return false;
    }

    /// <summary>Locks entries one by one. A loop of its own, so that all it needs stays in registers.</summary>
    /// <returns>The low quadword of the entry that could not be locked, and its index; zero if all are.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (ulong Obstacle, nuint Index) LockSubpages(EntryStore entries, nuint first, nuint last, ulong refused)
    {
        for (nuint i = first; i <= last; i++)
        {
            ref ulong word = ref entries.Low(i);
            ulong seen = Volatile.Read(ref word);
            while (true)
            {
                if ((seen & refused) != 0) return (seen, i);
                ulong locked = seen | RmpEntry.LockMask;
                ulong prior = Interlocked.CompareExchange(ref word, locked, seen);
                // prior == seen, without keeping seen: it would be spilled to the stack around each CAS
                if ((prior ^ locked) == RmpEntry.LockMask) break;
                seen = prior; // a 4 KiB instruction came first: the entry is locked, or restored because it saw the frozen base
            }
        }

        return (0, last + 1);
    }

    /// <summary>Releases the locks of <see cref="TryLockSubpages"/> on entries 1 to <paramref name="end"/> − 1.</summary>
    internal void UnlockSubpages(nuint baseIndex, nuint end)
    {
        for (nuint i = 1; i < end; i++)
        {
            ref ulong word = ref Entries.Low(baseIndex + i);
            Volatile.Write(ref word, word & ~RmpEntry.LockMask); // this thread holds the lock: no other writes
        }
    }
}
