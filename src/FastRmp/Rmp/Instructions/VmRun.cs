using System.Threading;

namespace FastRmp;

/// <summary>VMRUN's check of a page, and the in-use mark that it sets.</summary>
internal static class VmRun
{
    /// <summary>VMRUN's check of a page, at 4 KiB.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">The page's entry.</param>
    /// <param name="page">The page.</param>
    /// <param name="isSnpVmsa">Whether it is the save area of an SNP guest: RMP-Covered, Guest-Owned, Reverse-Map, Mutable, VMSA = 1. Else
    /// Hypervisor-Owned.</param>
    /// <param name="asid">The guest.</param>
    /// <param name="gpa">Where the save area was assigned.</param>
    internal static PageEntry Check(
        in RmpProtocol rmp, nuint index, PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        ref ulong version = ref rmp.Version(index);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            LowQuadword low = Volatile.Read(ref word);
            if (!low.IsMarked) return Look(low, isSnpVmsa, asid, gpa);
            LowQuadword own = rmp.Owned(low, page);
            if (Volatile.Read(ref word) == low && Volatile.Read(ref version) == begun) return Look(own, isSnpVmsa, asid, gpa);
        }

        return PageEntry.InMotion;
    }

    /// <summary>Checks and marks under the entry's lock: an RMPUPDATE comes before both or after both. An immutable page needs no lock,
    /// because RMPUPDATE refuses it.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">The page's entry.</param>
    /// <param name="page">The page.</param>
    /// <param name="isSnpVmsa">See <see cref="Check"/>.</param>
    /// <param name="asid">The guest.</param>
    /// <param name="gpa">Where the save area was assigned.</param>
    /// <param name="counter">The count of the page: whatever allocates or may fail comes before the lock.</param>
    internal static PageEntry Enter(
        in RmpProtocol rmp, nuint index, PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa,
        InUsePages.Counter counter)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            LowQuadword low = Volatile.Read(ref word);
            if (low.IsMarked)
            {
                if (TryEnterMarked(rmp, index, page, low, isSnpVmsa, asid, gpa, counter, out PageEntry again)) return again;
                continue;
            }

            PageEntry entry = Look(low, isSnpVmsa, asid, gpa);
            if (entry != PageEntry.Passes) return entry;
            if (isSnpVmsa)
            {
                // An assigned entry, which keeps the region as it is: its lock is not overwritten.
                if (Interlocked.CompareExchange(ref word, low.Locked, low) != low) continue;
                rmp.Mark(index, page, low, counter);
                return PageEntry.Passes;
            }

            bool isImmutable = low.IsImmutable;
            ulong held = low;
            if (!isImmutable && !TryLockUnassigned(rmp, index, low, out held)) continue;
            rmp.InUse.Add(counter);
            if (!isImmutable) Unlock(rmp, index, low, held);
            return PageEntry.Passes;
        }

        return PageEntry.InMotion;
    }

    /// <summary>Locks the entry of a page of the hypervisor's. Nothing else keeps its region from becoming a 2 MiB page, so that the lock
    /// is verified as in RMPUPDATE (rule 5).</summary>
    private static bool TryLockUnassigned(in RmpProtocol rmp, nuint index, LowQuadword low, out ulong held)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        nuint baseIndex = index & ~RmpProtocol.LastSubpage;
        bool isBase = index == baseIndex;
        held = isBase ? low.Locked : low.LockedBy(LockHolder.Current); // in a base entry the lock alone excludes the others
        if (Interlocked.CompareExchange(ref word, held, low) != low) return false;
        if (isBase) return true;
        LowQuadword baseLow = Volatile.Read(ref rmp.Entries.Low(baseIndex));
        if (!baseLow.IsTaken && Volatile.Read(ref word) == held) return true;
        Unlock(rmp, index, low, held);
        return false;
    }

    /// <summary>Takes back a lock of <see cref="TryLockUnassigned"/>, unless it was overwritten.</summary>
    private static void Unlock(in RmpProtocol rmp, nuint index, LowQuadword low, ulong held)
    {
        if ((index & RmpProtocol.LastSubpage) == 0) rmp.PublishBase(index, low.WithoutCount);
        else Interlocked.CompareExchange(ref rmp.Entries.Low(index), low, held);
    }

    private static PageEntry Look(LowQuadword low, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        if (low.IsInMotion) return PageEntry.InMotion;
        bool passes = isSnpVmsa
            ? asid != 0 && low.IsGuestPage(asid, gpa) && low.IsVmsa
            : !low.IsAssigned;
        return passes ? PageEntry.Passes : PageEntry.Fails;
    }

    /// <summary>A further VMRUN on a save area that is in use.</summary>
    /// <returns>False if another processor changed the entry first.</returns>
    private static bool TryEnterMarked(
        in RmpProtocol rmp, nuint index, PhysicalAddress page, LowQuadword low, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa,
        InUsePages.Counter counter, out PageEntry entry)
    {
        entry = PageEntry.InMotion;
        if (!rmp.TryHoldMarked(index, low)) return false;
        LowQuadword own = rmp.Owned(low, page);
        entry = Look(own, isSnpVmsa, asid, gpa);
        if (entry == PageEntry.Passes) rmp.InUse.Add(counter, new RmpEntry(own, 0).Asid);
        rmp.ReleaseMarked(index, page, low);
        return true;
    }
}
