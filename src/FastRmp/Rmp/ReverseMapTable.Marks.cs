using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>The mark in the entry of a save area in use, from VMRUN to #VMEXIT: rule 8 of the protocol.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>A further VMRUN on a save area that is in use.</summary>
    /// <returns>False if somebody else got the entry.</returns>
    private bool TryEnterMarked(nuint index, PhysicalAddress page, ulong low, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa, InUsePages.Counter counter, out PageEntry entry)
    {
        entry = PageEntry.InMotion;
        if (!TryHoldMarked(index, low)) return false;
        ulong own = Owned(low, page);
        entry = Look(own, isSnpVmsa, asid, gpa);
        if (entry == PageEntry.Passes) _inUse.Add(counter, new RmpEntry(own, 0).Asid);
        ReleaseMarked(index, page, low);
        return true;
    }

    /// <summary>Marks a save area for <see cref="MarkInUse"/>, which asks no guest.</summary>
    /// <returns>False if the page is none, or nobody knows whose.</returns>
    private bool TryMark(PhysicalAddress page, InUsePages.Counter counter)
    {
        if (!_geometry.TryGetIndex(page, out nuint index)) return !IsUncovered();
        ref ulong word = ref _entries.Low(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong low = Volatile.Read(ref word);
            if (IsMarked(low))
            {
                if (!TryHoldMarked(index, low)) continue;
                uint owner = _inUse.OwnerOf(page);
                if (owner != 0) _inUse.Add(counter, owner);
                ReleaseMarked(index, page, low);
                return owner != 0;
            }

            RmpEntry entry = new(low, 0);
            if (entry is not { Assigned: true, Vmsa: true, Immutable: false, Asid: > 0 }) return false;
            if (entry.Lock || entry.Asid > RmpEntry.MaxAsid || Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low) != low) continue;
            Mark(index, page, low, counter);
            return true;
        }

        return false;
    }

    /// <summary>Marks a save area whose entry we have locked; <paramref name="low"/> is what it was.</summary>
    private void Mark(nuint index, PhysicalAddress page, ulong low, InUsePages.Counter counter)
    {
        _inUse.Add(counter, new RmpEntry(low, 0).Asid);
        ReleaseMarked(index, page, RmpEntry.MarkedLow(low));
    }

    /// <summary>Takes a marked entry for a change (rule 8).</summary>
    private bool TryHoldMarked(nuint index, ulong low) => Interlocked.CompareExchange(ref _entries.Low(index), low | RmpEntry.AsidMask, low) == low;

    /// <summary>Publishes a marked entry that was held, and takes the mark away if the last use ended meanwhile.</summary>
    private void ReleaseMarked(nuint index, PhysicalAddress page, ulong low)
    {
        Publish(index, low);
        Interlocked.MemoryBarrier(); // the count is read after the entry is written
        SettleMark(index, page);
    }

    /// <summary>Takes the mark away from the entry of a page that nobody uses any more. What this table did not mark it leaves as it is.</summary>
    private void SettleMark(nuint index, PhysicalAddress page)
    {
        ref ulong word = ref _entries.Low(index);
        while (true)
        {
            ulong low = Volatile.Read(ref word);
            if (!IsMarked(low) || _inUse.Contains(page) || _inUse.OwnerOf(page) == 0) return; // whoever holds it comes here after he has published
            if (!TryHoldMarked(index, low)) continue;
            uint owner = _inUse.OwnerOf(page);
            bool isOver = owner != 0 && !_inUse.Contains(page);
            if (isOver) _inUse.ForgetOwner(page);
            Publish(index, isOver ? RmpEntry.RestoredLow(low, owner) : low);
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>The low quadword of a marked entry with its owner in it, as the guest's checks want it; unchanged if the owner is not known, or is not to be looked up.</summary>
    /// <param name="low">A marked entry's.</param>
    /// <param name="page">The page that the entry is of.</param>
    private ulong Owned(ulong low, PhysicalAddress page)
    {
        uint owner = Choices.InUseVmsaIsForeign ? 0 : _inUse.OwnerOf(page);
        return owner == 0 ? low : RmpEntry.RestoredLow(low, owner);
    }
}
