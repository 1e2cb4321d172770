using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

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
                uint owner = _inUse.Of(page).Owner;
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
            if (!IsMarked(low) || !IsOver(page, out _)) return; // whoever holds it comes here after he has published
            if (!TryHoldMarked(index, low)) continue;
            bool isOver = IsOver(page, out uint owner);
            if (isOver)
            {
                BeginWrite(index);
                _inUse.ForgetOwner(page);
            }

            Publish(index, isOver ? RmpEntry.RestoredLow(low, owner) : low);
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Whether the last use of a save area that this table marked has ended.</summary>
    private bool IsOver(PhysicalAddress page, out uint owner)
    {
        (owner, uint count) = _inUse.Of(page);
        return owner != 0 && count == 0;
    }

    /// <summary>Whether a locked entry is that of a save area in use, and its mark not about to be taken away. True of one moment if the version is the same around this and the read.</summary>
    /// <param name="low">The entry's, read before.</param>
    /// <param name="page">The page that the entry is of.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsInUseAtRest(ulong low, PhysicalAddress page) => IsMarked(low) && !IsOver(page, out _);

    /// <summary>The same of one moment, for who has read nothing but the low quadword.</summary>
    private bool IsResting(ulong low, PhysicalAddress page)
    {
        if (!_geometry.TryGetIndex(page, out nuint index)) return false;
        ref ulong version = ref Version(index);
        ulong begun = Volatile.Read(ref version);
        return Volatile.Read(ref _entries.Low(index)) == low && IsInUseAtRest(low, page) && Volatile.Read(ref version) == begun;
    }

    /// <summary>The low quadword of a marked entry with its owner in it, as the guest's checks want it; unchanged if the owner is not known, or is not to be looked up while the page is in use.</summary>
    /// <param name="low">A marked entry's.</param>
    /// <param name="page">The page that the entry is of.</param>
    private ulong Owned(ulong low, PhysicalAddress page)
    {
        (uint owner, uint count) = _inUse.Of(page);
        return owner == 0 || (count != 0 && Choices.InUseVmsaIsForeign) ? low : RmpEntry.RestoredLow(low, owner);
    }
}
