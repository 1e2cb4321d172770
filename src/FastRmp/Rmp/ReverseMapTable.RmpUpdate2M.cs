using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPUPDATE of a 2 MiB page.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult UpdateLarge(nuint baseIndex, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (IsHeld(low)) return Held(low, page, isLarge: true);
            if (IsFrozen(low)) return RegionContended();
            if (IsInTheWay(page, isLarge: true)) return RmpResult.Fail(RmpStatus.FailInUse);
            if (!IsLarge(low))
            {
                if ((low & RmpEntry.AssignedMask) != 0) return RmpResult.Fail(RmpStatus.FailOverlap);
                if ((low & RmpEntry.SubpageCountMask) != 0) return ConfirmOverlap(baseIndex, low);
            }

            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.AsidMask, low);
            if (prior == low) return CommitLarge(baseIndex, page, low, wanted);
            low = prior;
        }

        return RegionContended();
    }

    /// <summary>The base is frozen by us; <paramref name="oldLow"/> is what it was.</summary>
    private RmpResult CommitLarge(nuint baseIndex, PhysicalAddress page, ulong oldLow, RmpUpdateOperand wanted)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ref ulong highWord = ref _entries.High(baseIndex);
        bool wasLarge = IsLarge(oldLow);
        if (!TryLockSubpages(baseIndex, refuseImmutable: !wasLarge, out ulong obstacle))
        {
            Volatile.Write(ref word, oldLow);
            return Obstructed(obstacle);
        }

        // All 512 are ours: VMRUN, which marks under the lock of the entry, came before and is seen here, or comes after.
        if (IsInTheWay(page, isLarge: true))
        {
            UnlockSubpages(baseIndex, LastSubpage + 1);
            Volatile.Write(ref word, oldLow);
            return RmpResult.Fail(RmpStatus.FailInUse);
        }

        RmpEntry old = new(oldLow, highWord);
        RmpEntry next = Updated(old, wanted);
        bool ownerChanges = OwnerChanges(old, wanted);
        EndOptimization(page, wanted.Assigned);
        if (ownerChanges && wanted.Assigned) AddAssignedPages(wanted.Asid, _largePageUnits);
        if (wanted.Assigned)
        {
            // Assigned to every large mapping before the first sub-entry is to a small one; still frozen, so that no instruction sees half of it.
            // Immutable waits for the last write: until then the entry is not yet one that firmware may take.
            Volatile.Write(ref word, (next.Low & ~(RmpEntry.ImmutableMask | RmpEntry.LockMask)) | RmpEntry.AsidMask);
        }

        BeginWrite(baseIndex);
        Volatile.Write(ref highWord, next.High);
        WriteSubpages(baseIndex, next.Low & RmpEntry.AssignedMask);
        Volatile.Write(ref word, next.Low);
        if (ownerChanges && old.Assigned) AddAssignedPages(old.Asid, 0UL - _largePageUnits);
        return RmpResult.Success;
    }

    /// <summary>Publishes the 511 locked sub-entries, all alike and with nothing but Assigned in them.</summary>
    private void WriteSubpages(nuint baseIndex, ulong low)
    {
        EntryStore entries = _entries;
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            Volatile.Write(ref entries.High(baseIndex + i), 0);
            Volatile.Write(ref entries.Low(baseIndex + i), low);
        }
    }

    private RmpResult Obstructed(ulong obstacle)
    {
        if (IsMarked(obstacle)) return RmpResult.Fail(RmpStatus.FailInUse); // of a damaged table: the count does not show it
        bool locked = (obstacle & RmpEntry.LockMask) != 0;
        bool immutable = (obstacle & RmpEntry.ImmutableMask) != 0;
        if (!immutable || (locked && Choices.LockBeforeImmutable)) return RegionContended();
        return RmpResult.Fail(Choices.FixedSubpageIsOverlap ? RmpStatus.FailOverlap : RmpStatus.FailPermission);
    }

    /// <summary>Tells an assigned neighbour from a count that is just moving, so that FAIL_OVERLAP is a fact and never a glimpse of somebody's half-done update.</summary>
    /// <remarks>
    /// Our Lock in the base keeps the region small while we look. An entry that is assigned and not locked is assigned at that moment: overlap.
    /// If there is none, a locked one explains the count: contention. If there is neither, the count moved behind our back (one page went, another
    /// came, and the count may even be what it was), or the table was damaged before it came to us. To know, we freeze the base and look once more:
    /// now the count can only fall, so what is left of it with no entry to explain it is damage, and decides as it does for the processor.
    /// </remarks>
    private RmpResult ConfirmOverlap(nuint baseIndex, ulong low)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong locked = low | RmpEntry.LockMask;
        if (Interlocked.CompareExchange(ref word, locked, low) != low) return RegionContended();
        bool assigned = FindAssigned(baseIndex, out bool moving);
        bool unexplained = !assigned && !moving;
        if (unexplained && Interlocked.CompareExchange(ref word, locked | RmpEntry.AsidMask, locked) == locked)
        {
            assigned = FindAssigned(baseIndex, out moving) || (!moving && (Volatile.Read(ref word) & RmpEntry.SubpageCountMask) != 0);
        }

        PublishBase(baseIndex, low & ~RmpEntry.SubpageCountMask);
        return assigned ? RmpResult.Fail(RmpStatus.FailOverlap) : RegionContended();
    }

    /// <summary>Whether a sub-entry is assigned and at rest.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="moving">Whether one was met that somebody is changing.</param>
    private bool FindAssigned(nuint baseIndex, out bool moving)
    {
        moving = false;
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            ulong sub = Volatile.Read(ref _entries.Low(baseIndex + i));
            bool held = IsInMotion(sub);
            if (!held && (sub & RmpEntry.AssignedMask) != 0) return true;
            moving |= held;
        }

        return false;
    }
}
