using System.Threading;

namespace FastRmp;

/// <summary>PSMASH.</summary>
internal static class PSmashInstruction
{
    /// <summary>The instruction on a page that is aligned and covered.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="baseIndex">The page's entry, the base of its region.</param>
    /// <param name="page">The page.</param>
    internal static RmpResult Execute(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page)
    {
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        LowQuadword low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            const ulong LargeAssigned = RmpEntry.PageSizeMask | RmpEntry.AssignedMask;
            if ((low & LargeAssigned) != LargeAssigned) return RmpResult.Fail(RmpStatus.FailBadAddress);
            if (low.IsImmutable)
            {
                return RmpResult.Fail(rmp.Choices.SmashOfImmutableIsPermission ? RmpStatus.FailPermission : RmpStatus.FailBadAddress);
            }

            if (low.IsMarked && rmp.IsResting(baseIndex, low, page)) return RmpResult.Fail(RmpStatus.FailInUse);
            if (low.IsLocked || low.IsFrozen) break;
            ulong prior = Interlocked.CompareExchange(ref word, low.Taken, low);
            if (prior == low) return CommitSmash(rmp, baseIndex, page, low);
            low = prior;
        }

        return RmpResult.Contended(RmpStatus.FailInUse);
    }

    /// <summary>The caller has frozen the base. Every entry stays assigned throughout, so that no check finds an unassigned page; the base
    /// is published last, and with it the whole region consists of 4 KiB pages.</summary>
    private static RmpResult CommitSmash(in RmpProtocol rmp, nuint baseIndex, PhysicalAddress page, LowQuadword oldLow)
    {
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        if (rmp.HasUse(page))
        {
            Volatile.Write(ref word, oldLow);
            return RmpResult.Fail(RmpStatus.FailInUse);
        }

        bool isPlain = RmpProtocol.IsPlain(RegionEntries.Union(rmp.Entries, baseIndex), isLarge: true);
        if (!isPlain && !rmp.TryLockSubpages(baseIndex, refuseImmutable: false, out _))
        {
            Volatile.Write(ref word, oldLow);
            return RmpResult.Contended(RmpStatus.FailInUse);
        }

        EntryStore entries = rmp.Entries;
        if (isPlain) RegionEntries.Lock(entries, baseIndex, LockHolder.Current);
        ulong high = entries.High(baseIndex);
        ulong small = oldLow & ~(RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask);
        if (rmp.Choices.CountLargePageAsOne)
        {
            rmp.RaiseAssignedPages(rmp.OwnCounts, new RmpEntry(oldLow, 0).Asid, RmpProtocol.LastSubpage);
        }

        rmp.BeginWrite(baseIndex);
        RegionEntries.WriteHighs(entries, baseIndex, high);
        Volatile.WriteBarrier();
        RegionEntries.WriteRising(entries, baseIndex, small, rmp.GpaMask);
        Volatile.Write(ref word, small | RmpEntry.SubpageCountMask); // all ones: 511 assigned sub-pages
        return RmpResult.Success;
    }
}
