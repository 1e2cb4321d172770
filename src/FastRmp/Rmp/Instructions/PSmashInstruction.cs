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
            ulong prior = Interlocked.CompareExchange(ref word, low.Frozen, low);
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

        rmp.BeginOverwrite(baseIndex);
        if (!rmp.AreSubpagesFree(baseIndex, refuseImmutable: false, out _))
        {
            Volatile.Write(ref word, oldLow);
            rmp.EndOverwrite(baseIndex);
            return RmpResult.Contended(RmpStatus.FailInUse);
        }

        EntryStore entries = rmp.Entries; // a copy: it would be loaded again after each volatile write
        ulong high = entries.High(baseIndex);
        // a sum that leaves the processor's guest addresses wraps, as a stored one does
        ulong gpaMask = rmp.Processor.GpaMask & RmpEntry.GpaMask;
        ulong small = oldLow & ~(RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask);
        if (rmp.Choices.CountLargePageAsOne) rmp.AddAssignedPages(new RmpEntry(oldLow, 0).Asid, RmpProtocol.LastSubpage);
        for (nuint i = 1; i <= RmpProtocol.LastSubpage; i++)
        {
            ulong gpa = (small + ((ulong)i << PageSize.Size4K.Shift())) & gpaMask;
            Volatile.Write(ref entries.High(baseIndex + i), high);
            Volatile.Write(ref entries.Low(baseIndex + i), (small & ~RmpEntry.GpaMask) | gpa); // now the guest may change it
        }

        Volatile.Write(ref word, small | RmpEntry.SubpageCountMask); // all ones: 511 assigned sub-pages
        rmp.EndOverwrite(baseIndex);
        return RmpResult.Success;
    }
}
