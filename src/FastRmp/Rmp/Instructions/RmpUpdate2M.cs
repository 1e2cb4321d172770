using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPUPDATE of a 2 MiB page.</summary>
internal static class RmpUpdate2M
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpResult Update(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        LowQuadword low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            if (low.IsHeld || low.IsFrozen || HasSmallPages(low) || rmp.IsInTheWay(baseIndex, page, isLarge: true))
            {
                if (IsRefused(rmp, baseIndex, page, out RmpResult refusal)) return refusal;
                low = Volatile.Read(ref word);
                continue;
            }

            ulong prior = Interlocked.CompareExchange(ref word, low.Taken, low);
            if (prior == low) return CommitLarge(rmp, baseIndex, page, low, wanted);
            low = prior;
        }

        return rmp.RegionContended();
    }

    /// <summary>Whether the region is not one page, and pages of it are assigned or counted as assigned.</summary>
    private static bool HasSmallPages(LowQuadword low) => !low.IsLarge && (low.IsAssigned || low.HasCount);

    /// <summary>Decides about a refusal by the base entry and the uses of one moment: a page that was released and a use that ended after
    /// it, each seen at its own time, are none.</summary>
    /// <returns>False if at that moment nothing was in the way, or uses began or ended around it.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsRefused(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, out RmpResult refusal)
    {
        UseStamp stamp = rmp.InUse.StampRegion(page);
        LowQuadword low = Volatile.Read(ref rmp.Entries.Low(baseIndex));
        bool isInTheWay = rmp.IsInTheWay(baseIndex, page, isLarge: true);
        refusal = default;
        if (rmp.InUse.StampRegion(page) != stamp) return false;
        if (low.IsHeld) refusal = rmp.Held(baseIndex, low, page, isLarge: true);
        else if (low.IsFrozen) refusal = rmp.RegionContended();
        else if (isInTheWay) refusal = RmpResult.Fail(RmpStatus.FailInUse);
        else if (HasSmallPages(low) && low.IsAssigned) refusal = RmpResult.Fail(RmpStatus.FailOverlap);
        else if (HasSmallPages(low)) refusal = ConfirmOverlap(rmp, baseIndex, page, low, stamp);
        return !refusal.IsSuccess;
    }

    /// <summary>The caller has taken the base; <paramref name="oldLow"/> is its value before.</summary>
    private static RmpResult CommitLarge(
        in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, LowQuadword oldLow, RmpUpdateOperand wanted)
    {
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        ref ulong highWord = ref rmp.Entries.High(baseIndex);
        bool wasLarge = oldLow.IsLarge;
        RmpEntry seen = RegionEntries.Union(rmp.Entries, baseIndex);
        bool isPlain = RmpProtocol.IsPlain(seen, wasLarge);
        if (!isPlain && !rmp.TryLockSubpages(baseIndex, refuseImmutable: !wasLarge, out LowQuadword obstacle))
        {
            RmpResult refusal = Obstructed(rmp, baseIndex, page, obstacle);
            Volatile.Write(ref word, oldLow);
            return refusal;
        }

        // No other thread holds an entry: a VMRUN, which marks under the lock of the entry, came before and is seen here, or comes after.
        if (rmp.IsInTheWay(baseIndex, page, isLarge: true))
        {
            if (!isPlain) rmp.UnlockSubpages(baseIndex, RmpProtocol.LastSubpage + 1);
            Volatile.Write(ref word, oldLow);
            return RmpResult.Fail(RmpStatus.FailInUse);
        }

        if (isPlain) RegionEntries.Lock(rmp.Entries, baseIndex, LockHolder.Current);
        RmpEntry old = new(oldLow, highWord);
        rmp.EndOptimization(page, wanted.Assigned);
        ulong[]? own = rmp.OwnCounts;
        RmpEntry next = RmpUpdateInstruction.Begin(rmp, own, old, wanted, rmp.LargePageUnits);
        if (wanted.Assigned)
        {
            // The base is assigned before the first sub-entry is, so that a check of a large mapping refuses first. It stays frozen, so
            // that no instruction sees a partial update. Immutable is set by the last write: before that, firmware must not take the entry.
            Volatile.Write(ref word, new LowQuadword(next.Low & ~(RmpEntry.ImmutableMask | RmpEntry.LockMask)).Taken);
        }

        rmp.BeginWrite(baseIndex); // a fence: all are locked before the first is published
        Volatile.Write(ref highWord, next.High);
        if (!isPlain || seen.High != 0)
        {
            RegionEntries.WriteHighs(rmp.Entries, baseIndex, 0);
            Volatile.WriteBarrier();
        }

        RegionEntries.WriteLows(rmp.Entries, baseIndex, next.Low & RmpEntry.AssignedMask);
        Volatile.Write(ref word, next.Low);
        RmpUpdateInstruction.End(rmp, own, old, wanted, rmp.LargePageUnits);
        return RmpResult.Success;
    }

    /// <summary>The result where a sub-entry cannot be locked. The base is still frozen: no VMRUN marks a page of the region, so that a use
    /// which is not seen here was over when the obstacle was read, or is over now.</summary>
    private static RmpResult Obstructed(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, LowQuadword obstacle)
    {
        if (obstacle.IsMarked) return RmpResult.Fail(RmpStatus.FailInUse); // in a damaged table: the count does not include it
        bool locked = obstacle.IsLocked;
        bool immutable = obstacle.IsImmutable;
        if (!immutable || (locked && rmp.Choices.LockBeforeImmutable)) return rmp.RegionContended();
        if (rmp.IsInTheWay(baseIndex, page, isLarge: true)) return RmpResult.Fail(RmpStatus.FailInUse);
        return RmpResult.Fail(rmp.Choices.FixedSubpageIsOverlap ? RmpStatus.FailOverlap : RmpStatus.FailPermission);
    }

    /// <summary>Distinguishes an assigned sub-page from a count that another processor is changing, so that FAIL_OVERLAP is returned for an
    /// assigned page only, and contention for an update in progress.</summary>
    /// <remarks>
    /// The Lock that the caller holds in the base keeps the region small meanwhile. An entry that is assigned and not locked is assigned at
    /// that moment: overlap. If there is none, a locked one is the reason of the count: contention. If there is neither, the count changed
    /// during the scan (one page was released and another assigned, so that the count may even be the same), or the table was already
    /// damaged. To decide, the base is frozen and the region is scanned once more: now the count can only fall. If it is still not zero and
    /// no entry is the reason, the table is damaged, and the count decides, as for the processor.
    ///
    /// A use would come before overlap: no page was in use at the moment of <paramref name="stamp"/>, and it has to be the same when the
    /// assigned page has been seen.
    /// </remarks>
    private static RmpResult ConfirmOverlap(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, LowQuadword low, UseStamp stamp)
    {
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        ulong locked = low.Locked;
        if (Interlocked.CompareExchange(ref word, locked, low) != low) return rmp.RegionContended();
        bool assigned = FindAssigned(rmp, baseIndex, out bool moving);
        bool unexplained = !assigned && !moving;
        if (unexplained && Interlocked.CompareExchange(ref word, locked | RmpEntry.AsidMask, locked) == locked)
        {
            assigned = FindAssigned(rmp, baseIndex, out moving) || (!moving && (Volatile.Read(ref word) & RmpEntry.SubpageCountMask) != 0);
        }

        bool isUnused = rmp.InUse.StampRegion(page) == stamp;
        rmp.PublishBase(baseIndex, low.WithoutCount);
        return assigned && isUnused ? RmpResult.Fail(RmpStatus.FailOverlap) : rmp.RegionContended();
    }

    /// <summary>Whether a sub-entry is assigned and at rest.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="moving">Whether another processor is changing one of them.</param>
    private static bool FindAssigned(in RmpProtocol rmp, nuint baseIndex, out bool moving)
    {
        moving = false;
        for (nuint i = 1; i <= RmpProtocol.LastSubpage; i++)
        {
            LowQuadword sub = Volatile.Read(ref rmp.Entries.Low(baseIndex + i));
            bool held = sub.IsInMotion;
            if (!held && sub.IsAssigned) return true;
            moving |= held;
        }

        return false;
    }
}
