using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>
/// The lock-free protocol under every instruction. No operation waits for another: it takes effect by compare-and-swap, or puts back what it
/// touched and reports contention. The rules, on which the arguments beside each transition rest:
///
/// 1. An instruction on a 4 KiB page first locks the page's own entry: a CAS sets Lock. An old Lock with Immutable clear is contention; with
///    Immutable set it is a resting firmware page (FAIL_PERMISSION). Only the holder of the lock writes the entry again, except for rule 2.
/// 2. Lock in a base entry does not freeze Subpage_Count. Others move the count by CAS under the lock; whoever publishes a base entry does so by
///    a CAS that carries the count as it then is.
/// 3. ASID 0x3FF in a base entry freezes everything in it but a count that falls. To change the region it is taken only from an unlocked entry
///    that is a 2 MiB page, or is unassigned with count 0; to look at it (ConfirmOverlap) also over a count, and then given back by a CAS that
///    carries the count. Who finds 0x3FF after locking an entry restores it and reports contention. A release that has seen the region small
///    holds a count of at least 1 until it is done, so that nobody changes the region under it, and it finishes without waiting.
/// 4. Count first when assigning, count last when releasing: the count is never below the number of assigned sub-entries, so the check of a
///    large mapping may be conservative for an instant and never misses an assigned page.
/// 5. An instruction on a 2 MiB page takes the base (rule 3), then locks all 511 sub-entries; meeting a locked one it restores everything and
///    reports contention. A 4 KiB instruction locks its entry before it looks at the base, a 2 MiB one takes the base before it looks at the
///    entries, both by full-fence CAS: of two that overlap at least one sees the other.
/// 6. The low quadword is published last, with release semantics; the high one is only written while the low one is locked.
/// 7. A low quadword can come back to an old value (a page released and assigned as before, a region that was one page for a while), so a reader
///    that found it twice may still have the high one, or the entry of another page, of the time between. Whoever replaces the high quadword of an
///    assigned entry, or changes a 2 MiB page, therefore moves the region's version first, and a reader accepts only what it read under one
///    version. (An unassigned entry that is back where it was has been assigned and released in between, and the release moved the version.)
///
/// 8. ASID 0x3FE beside Lock (RmpEntry.IsInUseVmsa) is no lock but a mark at rest: the entry of a VM save area from VMRUN to #VMEXIT. Nothing of the
///    host's takes it: to RMPUPDATE and PSMASH it is a page in use, a refusal that lasts. Who still writes it, the owner's PVALIDATE and RMPADJUST,
///    another VMRUN and #VMEXIT, first puts 0x3FF in place of 0x3FE, by CAS: that is the lock of a marked entry, and rule 3 holds for it in a base
///    entry. The owner's ASID stands beside the table, set and forgotten only under that lock (or the ordinary one, when VMRUN marks), so that it is
///    not zero exactly while the entry is marked or so locked. #VMEXIT never waits: it lowers the count of uses, and who brings it to zero takes the
///    mark away if he gets the lock. If he does not, somebody holds it, who looks at the count after he has published the entry (SettleMark): count
///    and entry are each written before the other is read, both by full-fence operations, so that one of the two sees the other. The choice is
///    made under the lock, where the count cannot rise from zero by a VMRUN; a mark is neither lost nor left behind. Until it is taken away the
///    entry still shows it, though the page is out of use: whoever takes a mark for a fact asks the count after he has read the entry (IsResting),
///    and a mark with an owner and no use is an entry in motion. A mark without an owner came with a dump; to know that it is not one taken away
///    since, the version moves before the owner is forgotten.
///
/// A thread that dies inside leaves at most one 2 MiB region that reports contention; nothing else stops.
/// </content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>Tries of one CAS against others before contention is reported: enough to ride out a neighbour, small enough to stay bounded.</summary>
    private const int MaxAttempts = 64;

    /// <summary>Versions that regions share, and the distance between two: a cache line each, so that regions do not slow each other down.</summary>
    private const uint Versions = 64;
    private const uint VersionStride = 8;

    private const byte MaxVmpl = 3;

    /// <summary>Low quadword of a Firmware page.</summary>
    internal const ulong FirmwareLow = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    private const ulong OneSubpage = 1UL << RmpEntry.SubpageCountShift;

    private const ulong MinusOneSubpage = ~OneSubpage + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFrozen(ulong baseLow) => (baseLow & RmpEntry.AsidMask) == RmpEntry.AsidMask;

    /// <summary>Whether an entry is immutable or locked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHeld(ulong low) => (low & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) != 0;

    /// <summary>Whether the entry is that of a save area in use (rule 8).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMarked(ulong low) => new RmpEntry(low, 0).IsInUseVmsa;

    /// <summary>Whether the region consists of 4 KiB pages that may be updated, and nobody is about to change that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsSmall(ulong baseLow) => (baseLow & _blockedBase) == 0 && !IsFrozen(baseLow);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLarge(ulong baseLow) => (baseLow & RmpEntry.PageSizeMask) != 0;

    /// <summary>The count moved by one, inside its field whatever a damaged table holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MoveCount(ulong baseLow, ulong delta) =>
        (baseLow & ~RmpEntry.SubpageCountMask) | ((baseLow + delta) & RmpEntry.SubpageCountMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref ulong Version(nuint index) => ref _versions[(uint)(index / (LastSubpage + 1)) % Versions * VersionStride];

    /// <summary>Moves the version of a region, before the high quadword of an assigned entry in it is replaced (rule 7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginWrite(nuint index) => Interlocked.Increment(ref Version(index));

    /// <summary>Reads both quadwords of an entry once.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="page">The page that it is of.</param>
    /// <param name="entry">What was read.</param>
    /// <returns>Whether the entry was at rest: the same low quadword, held by nobody, before and after the high one; a save area in use is at rest. That and the quadwords belong together if the region's version is the same around them, too (rules 7 and 8).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadEntry(nuint index, PhysicalAddress page, out RmpEntry entry)
    {
        ref ulong lowWord = ref _entries.Low(index);
        ulong low = Volatile.Read(ref lowWord);
        ulong high = Volatile.Read(ref _entries.High(index)); // acquire: the second read of the low quadword stays behind it
        ulong again = Volatile.Read(ref lowWord);
        entry = new RmpEntry(again, high);
        return low == again && !IsFrozen(low) && ((low & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) != RmpEntry.LockMask || IsInUseAtRest(low, page));
    }

    /// <summary>Raises the count of a region by one, unless it is or becomes a 2 MiB page.</summary>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="seen">What it held a moment ago: the compare-and-swap tells whether it still does.</param>
    /// <param name="page">The page updated.</param>
    /// <returns>SUCCESS, or the answer for a 4 KiB update in that region.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RmpResult RaiseCount(ref ulong baseWord, ulong seen, PhysicalAddress page)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!IsSmall(seen)) return NotSmall(seen, page);
            ulong prior = Interlocked.CompareExchange(ref baseWord, MoveCount(seen, OneSubpage), seen);
            if (prior == seen) return RmpResult.Success;
            seen = prior;
        }

        return RegionContended();
    }

    /// <summary>Lowers the count of a region by one. Never refused (rule 3): each failed try means that another operation got on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LowerCount(ref ulong baseWord, ulong seen)
    {
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref baseWord, MoveCount(seen, MinusOneSubpage), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Publishes a locked base entry with the count as it is by then (rule 2). Never refused: each failed try means that another operation got on.</summary>
    private void PublishBase(nuint baseIndex, ulong lowWithoutCount)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong seen = Volatile.Read(ref word);
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref word, lowWithoutCount | (seen & RmpEntry.SubpageCountMask), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Publishes a locked entry, whichever it is.</summary>
    private void Publish(nuint index, ulong low)
    {
        if ((index & LastSubpage) == 0)
        {
            PublishBase(index, low & ~RmpEntry.SubpageCountMask);
        }
        else
        {
            Volatile.Write(ref _entries.Low(index), low);
        }
    }

    /// <summary>Locks the 511 sub-entries of a region whose base is frozen by the caller.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="refuseImmutable">Whether an immutable sub-entry stops it.</param>
    /// <param name="obstacle">The low quadword of the entry that could not be locked; zero if all are.</param>
    /// <returns>False if one was locked already or is immutable; then all others are as they were.</returns>
    private bool TryLockSubpages(nuint baseIndex, bool refuseImmutable, out ulong obstacle)
    {
        ulong refused = refuseImmutable ? RmpEntry.LockMask | RmpEntry.ImmutableMask : RmpEntry.LockMask;
        (obstacle, nuint end) = LockSubpages(_entries, baseIndex + 1, baseIndex + LastSubpage, refused);
        if (obstacle == 0) return true;
        UnlockSubpages(baseIndex, end - baseIndex);
        return false;
    }

    /// <summary>Locks entries one by one. A loop of its own, so that all it needs stays in registers: 1022 compare-and-swaps are most of a 2 MiB pair.</summary>
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
                if ((prior ^ locked) == RmpEntry.LockMask) break; // prior == seen, without seen: it would go to the stack and back around each CAS
                seen = prior; // a 4 KiB instruction got there first: locked by now, or restored because it saw the frozen base
            }
        }

        return (0, last + 1);
    }

    /// <summary>Takes the locks of <see cref="TryLockSubpages"/> back from entries 1 to <paramref name="end"/> − 1.</summary>
    private void UnlockSubpages(nuint baseIndex, nuint end)
    {
        for (nuint i = 1; i < end; i++)
        {
            ref ulong word = ref _entries.Low(baseIndex + i);
            Volatile.Write(ref word, word & ~RmpEntry.LockMask); // the lock is ours: nobody else writes
        }
    }

    /// <summary>Adds pages to the counter of an ASID. Raised before pages are published as assigned and lowered after they are released, so that firmware's test for zero never passes too early.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddAssignedPages(uint asid, ulong pages)
    {
        if (asid != 0 || _countsAsidZero) Interlocked.Add(ref _entries.Bookkeeping(asid), pages);
    }

    /// <summary>The tests that come before everything else in the host's instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayExecute(in ExecutionState processor) => processor is { Is64BitMode: true, SnpEnabled: true, Cpl: 0, Asid: 0 };

    /// <summary>What the instruction ends with if it may not execute.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpResult Refusal(in ExecutionState processor) => !processor.Is64BitMode || !processor.SnpEnabled ? RmpResult.InvalidOpcode
        : processor.Cpl != 0 ? RmpResult.GeneralProtection
        : RmpResult.Fail(RmpStatus.FailPermission);

    /// <summary>The answer for an entry that is immutable or locked, or marked as a save area in use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult Held(ulong low, PhysicalAddress page, bool isLarge)
    {
        if (!isLarge && !Choices.LockBeforeImmutable && IsFixedByBase(page)) return RmpResult.Fail(RmpStatus.FailPermission);
        if (IsMarked(low)) return IsResting(low, page) ? RmpResult.Fail(RmpStatus.FailInUse) : EntryContended();
        ulong held = low & (RmpEntry.LockMask | RmpEntry.ImmutableMask);
        bool contended = held == RmpEntry.LockMask || (Choices.LockBeforeImmutable && held != RmpEntry.ImmutableMask);
        if (contended) return EntryContended();
        return RmpResult.Fail(Choices.LockBeforeImmutable && IsInTheWay(page, isLarge) ? RmpStatus.FailInUse : RmpStatus.FailPermission);
    }

    /// <summary>The answer for a 4 KiB update in a region that does not consist of 4 KiB pages.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult NotSmall(ulong baseLow, PhysicalAddress page)
    {
        if (IsFrozen(baseLow)) return RegionContended();
        bool inUse = HasUse(page);

        bool permission = IsFixedByBase(baseLow);
        if (permission && !(inUse && Choices.LockBeforeImmutable)) return RmpResult.Fail(RmpStatus.FailPermission);
        return RmpResult.Fail(inUse ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
    }

    /// <summary>Whether the base entry forbids 4 KiB updates in its region: step 5, before anybody looks at locks and uses of the page.</summary>
    private bool IsFixedByBase(PhysicalAddress page) =>
        _geometry.TryGetIndex(page, out nuint index) && IsFixedByBase(Volatile.Read(ref _entries.Low(index & ~LastSubpage)));

    /// <summary>The base of a 2 MiB page holds the attributes of all its pieces, Immutable among them; that of a region of 4 KiB pages decides for others only by choice.</summary>
    private bool IsFixedByBase(ulong baseLow) =>
        (baseLow & RmpEntry.ImmutableMask) != 0 && (IsLarge(baseLow) ? !Choices.ImmutableLargePageIsOverlap : Choices.ImmutableBaseBlocksRegion);

    /// <summary>Somebody else is changing the entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult EntryContended() => RmpResult.Contended(
        Choices.Contention == ContentionCode.FailOverlap ? RmpStatus.FailOverlap : RmpStatus.FailInUse);

    /// <summary>Somebody else has locked the region, to change it or another page of it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult RegionContended() => RmpResult.Contended(
        Choices.Contention == ContentionCode.FailInUse ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
}
