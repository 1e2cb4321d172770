using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPUPDATE of a 4 KiB page.</summary>
internal static class RmpUpdate4K
{
    /// <summary>A page that is not the first of its region: its own entry decides, the base entry keeps the count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RmpResult UpdateSubpage(in RmpProtocol rmp, nuint index, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        ref ulong baseWord = ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage);
        LowQuadword low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            // Each refusal is decided by what was so at one moment.
            if (low.IsHeld) return rmp.Held(index, low, page, isLarge: false);
            LowQuadword baseLow = Volatile.Read(ref baseWord);
            if (!rmp.IsSmall(baseLow)) return rmp.NotSmall(ref baseWord, page);
            ulong held = low.LockedBy(LockHolder.Current);
            ulong prior = Interlocked.CompareExchange(ref word, held, low);
            if (prior == low)
            {
                return rmp.NothingBeside
                    ? CommitSubpage(rmp, index, page, ref word, ref baseWord, low, held, wanted, looksBeside: false)
                    : CommitBeside(rmp, index, page, low, held, wanted);
            }

            low = prior;
        }

        return rmp.EntryContended();
    }

    /// <summary><see cref="CommitSubpage"/> where pages are in use, or regions optimized: a method of its own, since its calls would make
    /// the common path keep everything on the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RmpResult CommitBeside(
        in RmpProtocol rmp, nuint index, PhysicalAddress page, LowQuadword oldLow, ulong held, RmpUpdateOperand wanted) =>
        CommitSubpage(
            rmp, index, page, ref rmp.Entries.Low(index), ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage), oldLow, held, wanted,
            looksBeside: true);

    /// <summary>The caller has locked the entry. A 2 MiB instruction that takes the base after it is read here finds the lock and restores
    /// the base; one that took it before is seen here, or has overwritten the lock, which is then seen, too (rule 5).</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">The entry.</param>
    /// <param name="page">The page.</param>
    /// <param name="word">The entry's low quadword.</param>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="oldLow">What its low quadword was.</param>
    /// <param name="held">What the caller wrote there.</param>
    /// <param name="wanted">The operand.</param>
    /// <param name="looksBeside">A constant: false if <see cref="RmpProtocol.NothingBeside"/> was seen under the lock.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RmpResult CommitSubpage(
        in RmpProtocol rmp, nuint index, PhysicalAddress page, ref ulong word, ref ulong baseWord, LowQuadword oldLow, ulong held,
        RmpUpdateOperand wanted, bool looksBeside)
    {
        RmpEntry old = new(oldLow, EntryStore.HighOf(ref word));

        // The lock first, then the count: a count that was raised for an entry which is not locked would look like that of a damaged table.
        // If the count does not change, the region stays small because this page is assigned, or locked.
        RmpResult refusal;
        LowQuadword baseLow = Volatile.Read(ref baseWord);
        if (!rmp.IsSmall(baseLow)) refusal = rmp.NotSmall(ref baseWord, page);
        else if (Volatile.Read(ref word) != held) refusal = rmp.RegionContended();
        else if (looksBeside && rmp.HasUse(page)) refusal = RmpResult.Fail(RmpStatus.FailInUse);
        else if (wanted.Assigned && !old.Assigned) refusal = rmp.RaiseCount(ref baseWord, baseLow, page);
        else refusal = RmpResult.Success;
        if (!refusal.IsSuccess)
        {
            Interlocked.CompareExchange(ref word, oldLow, held); // unless it was overwritten
            return refusal;
        }

        if (looksBeside) rmp.EndOptimization(page, wanted.Assigned);
        ulong[]? own = rmp.OwnCounts;
        RmpEntry next = RmpUpdateInstruction.Begin(rmp, own, old, wanted, units: 1);
        bool releases = old.Assigned && !wanted.Assigned;
        if (releases) rmp.BeginFencedWrite(index, own); // the fence is that of LowerCount
        else if (old.Assigned && next.High != old.High) rmp.BeginWrite(index);
        Volatile.Write(ref EntryStore.HighOf(ref word), next.High);
        if (releases)
        {
            // The page is the hypervisor's from the next write on. The lock stays until the count is lowered: an instruction that finds a
            // count larger than the number of assigned entries also finds a locked entry, and reports contention.
            Volatile.Write(ref word, RmpEntry.LockMask);
            RmpProtocol.LowerCount(ref baseWord, baseLow);
        }

        Volatile.Write(ref word, next.Low);
        RmpUpdateInstruction.End(rmp, own, old, wanted, units: 1);
        return RmpResult.Success;
    }

    /// <summary>The first page of a region. The lock prevents that the region becomes a 2 MiB page; the count may change under
    /// it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpResult UpdateBase(in RmpProtocol rmp, nuint index, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        ref ulong highWord = ref rmp.Entries.High(index);
        LowQuadword low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            if (low.IsHeld) return rmp.Held(index, low, page, isLarge: false);
            if (low.IsFrozen) return rmp.RegionContended();
            if (low.IsLarge) return rmp.NotSmall(ref word, page);
            ulong prior = Interlocked.CompareExchange(ref word, low.Locked, low);
            if (prior != low)
            {
                low = prior;
                continue;
            }

            RmpEntry old = new(low, highWord);
            if (rmp.HasUse(page))
            {
                rmp.PublishBase(index, low.WithoutCount);
                return RmpResult.Fail(RmpStatus.FailInUse);
            }

            rmp.EndOptimization(page, wanted.Assigned);
            ulong[]? own = rmp.OwnCounts;
            RmpEntry next = RmpUpdateInstruction.Begin(rmp, own, old, wanted, units: 1);
            bool keepsCount = wanted.Assigned || !rmp.Choices.CountClearedOnRelease;
            if (old.Assigned && next.High != old.High)
            {
                if (keepsCount) rmp.BeginFencedWrite(index, own); // the fence is that of PublishBase
                else rmp.BeginWrite(index);
            }

            Volatile.Write(ref highWord, next.High);
            if (keepsCount) rmp.PublishBase(index, next.Low);
            else Volatile.Write(ref word, next.Low);
            RmpUpdateInstruction.End(rmp, own, old, wanted, units: 1);
            return RmpResult.Success;
        }

        return rmp.RegionContended(); // other processors changed the count each time
    }
}
