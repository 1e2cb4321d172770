using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>Marked entries of save areas in use (rule 8).</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>Marks a save area for <see cref="ReverseMapTable{TGeometry}.MarkInUse"/>, which checks no guest.</summary>
    /// <returns>False if the page is not a save area, or its owner is not known.</returns>
    internal bool TryMark(nuint index, PhysicalAddress page, InUsePages.Counter counter)
    {
        ref ulong word = ref Entries.Low(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            LowQuadword low = Volatile.Read(ref word);
            if (low.IsMarked)
            {
                if (!TryHoldMarked(index, low)) continue;
                uint owner = InUse.Of(page).Owner;
                if (owner != 0) InUse.Add(counter, owner);
                ReleaseMarked(index, page, low);
                return owner != 0;
            }

            RmpEntry entry = new(low, 0);
            if (entry is not { Assigned: true, Vmsa: true, Immutable: false, Asid: > 0 }) return false;
            if (entry.Lock || entry.Asid > RmpEntry.MaxAsid || Interlocked.CompareExchange(ref word, low.Locked, low) != low) continue;
            Mark(index, page, low, counter);
            return true;
        }

        return false;
    }

    /// <summary>Marks a save area whose entry the caller has locked; <paramref name="low"/> is its value before.</summary>
    internal void Mark(nuint index, PhysicalAddress page, LowQuadword low, InUsePages.Counter counter)
    {
        InUse.Add(counter, new RmpEntry(low, 0).Asid);
        ReleaseMarked(index, page, RmpEntry.MarkedLow(low));
    }

    /// <summary>Locks a marked entry for a change (rule 8).</summary>
    internal bool TryHoldMarked(nuint index, LowQuadword low) =>
        Interlocked.CompareExchange(ref Entries.Low(index), low.Frozen, low) == low;

    /// <summary>Publishes a marked entry that was held, and removes the mark if the last use ended meanwhile.</summary>
    internal void ReleaseMarked(nuint index, PhysicalAddress page, LowQuadword low)
    {
        Publish(index, low);
        Interlocked.MemoryBarrier(); // the count is read after the entry is written
        SettleMark(index, page);
    }

    /// <summary>Removes the mark from the entry of a page that is no longer in use. An entry that this table did not mark stays
    /// unchanged.</summary>
    internal void SettleMark(nuint index, PhysicalAddress page)
    {
        ref ulong word = ref Entries.Low(index);
        while (true)
        {
            LowQuadword low = Volatile.Read(ref word);
            if (!low.IsMarked || !IsOver(page, out _)) return; // its holder calls this after the entry is published
            if (!TryHoldMarked(index, low)) continue;
            bool isOver = IsOver(page, out uint owner);
            if (isOver)
            {
                BeginWrite(index);
                InUse.ForgetOwner(page);
            }

            Publish(index, isOver ? RmpEntry.RestoredLow(low, owner) : (ulong)low);
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Whether the last use of a save area that this table marked has ended.</summary>
    private bool IsOver(PhysicalAddress page, out uint owner)
    {
        (owner, uint count) = InUse.Of(page);
        return owner != 0 && count == 0;
    }

    /// <summary>Whether a locked entry is that of a save area in use, and its mark is not about to be removed. Valid for one moment if the
    /// version is the same before the read and after this call.</summary>
    /// <param name="low">The entry's, read before.</param>
    /// <param name="page">The page that the entry is of.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool IsInUseAtRest(LowQuadword low, PhysicalAddress page) => low.IsMarked && !IsOver(page, out _);

    /// <summary>The same for one moment, for callers that have read only the low quadword.</summary>
    internal bool IsResting(nuint index, LowQuadword low, PhysicalAddress page)
    {
        ref ulong version = ref Version(index);
        ulong begun = Volatile.Read(ref version);
        return Volatile.Read(ref Entries.Low(index)) == low && IsInUseAtRest(low, page) && Volatile.Read(ref version) == begun;
    }

    /// <summary>The low quadword of a marked entry with its owner's ASID, for the guest's checks; unchanged if the owner is not
    /// known, or must not be used while the page is in use (<see cref="ModelChoices.InUseVmsaIsNotGuestOwned"/>).</summary>
    /// <param name="low">A marked entry's.</param>
    /// <param name="page">The page that the entry is of.</param>
    internal LowQuadword Owned(LowQuadword low, PhysicalAddress page)
    {
        (uint owner, uint count) = InUse.Of(page);
        return owner == 0 || (count != 0 && Choices.InUseVmsaIsNotGuestOwned) ? low : (LowQuadword)RmpEntry.RestoredLow(low, owner);
    }
}
