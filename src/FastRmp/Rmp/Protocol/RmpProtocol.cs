using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>The lock-free protocol of all instructions, over the entries of a table with any geometry.</summary>
/// <remarks>
/// No operation waits for another: it takes effect by compare-and-swap, or restores what it changed and reports contention. The argument
/// at each transition rests on these rules:
///
/// 1. An instruction on a 4 KiB page first locks the page's own entry: a CAS sets Lock. If Lock was already set and Immutable is clear,
/// that
///    is contention; if Immutable is set, it is a firmware page at rest (FAIL_PERMISSION). Only the holder of the lock writes the entry
///    again, except for rules 2 and 5.
/// 2. Lock in a base entry does not freeze Subpage_Count. Other processors change the count by CAS under the lock. An instruction that
///    publishes a base entry does so by a CAS that keeps the count of that moment.
/// 3. ASID 0x3FF in a base entry freezes everything in it except a count that falls. To change the region, an instruction freezes the base
///    only if it is not locked and is a 2 MiB page, or is unassigned with count 0. To read the region (ConfirmOverlap), it also freezes a
///    base with a count, and restores it by a CAS that keeps the count. An instruction that finds 0x3FF after it has locked an entry
///    restores the entry and reports contention. A release that has seen the region small keeps the count at 1 or more until it is done, so
///    that no other instruction changes the region, and it finishes without waiting.
/// 4. An assignment raises the count first, a release lowers it last. So the count is never below the number of assigned sub-entries, and
///    the check of a large mapping may refuse too much for an instant, but never misses an assigned page.
/// 5. An instruction on a 2 MiB page freezes the base in a way that says so (LowQuadword.IsTaken), then reads all 511 sub-entries. If one
///    is locked, it restores the base and reports contention. If not, it locks them all by plain stores, and only then, after a fence,
///    writes and unlocks the first: whoever has seen a part of the change finds all of the rest locked or changed, as if each had been
///    locked by a CAS. So nothing that reads an entry has to read the base for it.
///    A lock that a 4 KiB instruction takes after that reading is overwritten. It therefore reads the base after it has locked its entry,
///    and then its own entry again. It holds the lock if the base was not frozen and the entry has the value that it wrote, in which the
///    field of the guest address names the instruction (LockHolder); nobody reads that field in a locked entry. Proof: a 2 MiB
///    instruction that freezes the base later than that read finds the lock, because each has a full-fence CAS between its write and its
///    read; one that froze it earlier had published the base by then, and the entry before that, so that the second read finds another
///    value, or the lock is younger than the write. What is not held is given up by a CAS from the own value to the old one, which does
///    nothing if the lock was overwritten. The count is raised after that test alone: raised for an entry that is not locked, it would
///    look like that of a damaged table.
///    RMPUPDATE of a sub-entry and VMRUN on one of the hypervisor's do that. The guest's instructions, VMRUN on a save area and firmware
///    need not: their entries are assigned, or immutable once they are unlocked. An assigned sub-entry of a small region is in the count,
///    so that the base is not frozen for a change; PSMASH makes such entries below a frozen base, but by one store each, of the low
///    quadword, after which it does not touch them. Where a reading finds what no instruction leaves there (an assigned entry that is not
///    counted, an immutable one, an ASID below a 2 MiB page), as in a damaged table, all 511 are locked by CAS.
/// 6. The low quadword is published last, with release semantics or after a fence; the high one is only written while the low one is
///    locked.
/// 7. A low quadword can return to an old value: a page is released and assigned as before, or a region is one page for a while. So a
/// reader
///    that reads the same value twice may still have the high quadword, or the entry of another page, of the time between. An instruction
///    that replaces the high quadword of an assigned entry, or changes a 2 MiB page, therefore changes the region's version first, and a
///    reader accepts only what it read under one version. (An unassigned entry that has its old value again was assigned and released in
///    between, and the release changed the version.) No version comes back (VersionToken): it may be written by whoever holds an entry of
///    one of its regions, whatever others wrote meanwhile. Where a full-fence operation follows before the instruction ends, a store is
///    enough; else the thread itself, whose store others do not see yet, could read it on both sides of a change that came before it.
/// 8. ASID 0x3FE together with Lock (RmpEntry.IsInUseVmsa) is not a lock but a mark: it is in the entry of a VM save area from VMRUN to
///    #VMEXIT. RMPUPDATE and PSMASH refuse the entry as a page in use, permanently and not as contention. The instructions that may still
///    write it (PVALIDATE and RMPADJUST of the owner, another VMRUN, and #VMEXIT) first replace 0x3FE by 0x3FF with a CAS: that is the lock
///    of a marked entry, and rule 3 holds for it in a base entry.
///    The owner's ASID is kept outside the table. It is set and cleared only under that lock (or under the ordinary one, when VMRUN marks),
///    so that it is not zero exactly while the entry is marked or so locked.
///    #VMEXIT never waits. It lowers the count of uses, and the #VMEXIT that lowers it to zero removes the mark if it gets the lock. If it
///    does not, another processor holds the entry, and that one reads the count after it has published the entry (SettleMark). Count and
///    entry are each written before the other is read, both by full-fence operations, so that one of the two sees the other. The decision
///    is made under the lock, where no VMRUN can raise the count from zero: a mark is neither lost nor left set.
///    Until the mark is removed the entry still shows it, though the page is no longer in use. So a reader that relies on a mark reads the
///    count after the entry (IsResting), and treats a mark with an owner and no use as an entry in motion. A mark without an owner came
///    with a dump; so that it cannot be confused with one that was removed meanwhile, the version changes before the owner is cleared.
///
/// 9. A use is beside the table, the entry in it. A refusal or a check that depends on both is decided by what was so at one moment: either
///    the entry is held, so that no VMRUN begins a use of it; or the uses, with the number of their changes, are the same before and after
///    the entry is read (UseStamp).
///
/// A thread that is terminated inside an instruction leaves at most one 2 MiB region that reports contention; nothing else stops. The tests
/// run all schedules of two instructions that the rules allow (FastRmp.Schedules.Tests). A model for Spin (tests/model) has the steps of
/// RMPUPDATE and PSMASH on low quadwords, with the store buffers of x86, and no bound of switches; another has versions. The table holds
/// the protocol inline and passes it by reference, without indirection.
/// </remarks>
internal readonly partial struct RmpProtocol
{
    /// <summary>Entries of a region but for the base entry, and the number of the last one.</summary>
    internal const nuint LastSubpage = PageArithmetic.EntriesPerTable - 1;

    /// <summary>Tries of one CAS before contention is reported: enough for another processor to finish, and few enough for a bounded
    /// time.</summary>
    internal const int MaxAttempts = 64;

    /// <summary>Versions that regions share, and the distance between two: a cache line each, to avoid false
    /// sharing.</summary>
    internal const uint Versions = 64;
    private const uint VersionStride = 8;

    /// <summary>Low quadword of a Firmware page.</summary>
    internal const ulong FirmwareLow = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    internal const ulong OneSubpage = 1UL << RmpEntry.SubpageCountShift;

    private const ulong MinusOneSubpage = ~OneSubpage + 1;

    private readonly ulong[] _versions;
    private readonly ulong _blockedBase;

    /// <summary>The protocol over the entries of a table. Callers get the index of an entry from the geometry, which the table
    /// keeps.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <param name="hasOwnCounters">Whether the counters by ASID are kept beside the storage, which nobody else may read or write.</param>
    internal RmpProtocol(EntryStore entries, ProcessorModel processor, ModelChoices choices, bool hasOwnCounters = false)
    {
        LockHolder.Begin();
        _versions = new ulong[Versions * VersionStride];
        _blockedBase = RmpEntry.PageSizeMask | (choices.ImmutableBaseBlocksRegion ? RmpEntry.ImmutableMask : 0);
        Entries = entries;
        InUse = new InUsePages();
        Changes = new EntryChanges();
        Counters = hasOwnCounters ? new AsidCounters() : null;
        Optimizations = processor.HasRmpOpt ? new RmpOptRecord() : null;
        Processor = processor;
        Choices = choices;
        GpaMask = processor.GpaMask & RmpEntry.GpaMask;
        FreshHigh = (ulong)processor.FullVmpl0Permissions << RmpEntry.Vmpl0PermissionsShift;
        MaxAsid = choices.AllowAsidAboveMaximum ? RmpEntry.MaxAsid : processor.MaxAsid;
        LargePageUnits = choices.CountLargePageAsOne ? 1 : PageSize.Size2M.Pages();
        CountsAsidZero = choices.CountAsidZero;
    }

    /// <summary>The entries.</summary>
    internal EntryStore Entries { get; }

    /// <summary>The pages that running guests use.</summary>
    internal InUsePages InUse { get; }

    /// <summary>What translation caches compare. Instructions count where the table begins them, so that nothing here has to.</summary>
    internal EntryChanges Changes { get; }

    /// <summary>The counters by ASID; null if they are those of the bookkeeping area.</summary>
    internal AsidCounters? Counters { get; }

    /// <summary>What RMPOPT verified; null if the processor has no RMPOPT.</summary>
    internal RmpOptRecord? Optimizations { get; }

    /// <summary>The processor generation.</summary>
    internal ProcessorModel Processor { get; }

    /// <summary>The open points.</summary>
    internal ModelChoices Choices { get; }

    // What RMPUPDATE needs of processor and choices each time, one load away instead of two.

    /// <summary>The bits of a guest address that are stored.</summary>
    internal ulong GpaMask { get; }

    /// <summary>The high quadword of an entry that was just assigned.</summary>
    internal ulong FreshHigh { get; }

    /// <summary>The highest ASID that RMPUPDATE accepts.</summary>
    internal uint MaxAsid { get; }

    /// <summary>What a 2 MiB page counts for its ASID.</summary>
    internal ulong LargePageUnits { get; }

    /// <summary>Whether there is a counter of ASID 0.</summary>
    internal bool CountsAsidZero { get; }

    /// <summary>Whether the region consists of 4 KiB pages that may be updated, and is not about to change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsSmall(LowQuadword baseLow) => (baseLow & _blockedBase) == 0 && !baseLow.IsFrozen;

    /// <summary>The count changed by one, inside its field also in a damaged table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong MoveCount(LowQuadword baseLow, ulong delta) =>
        (baseLow & ~RmpEntry.SubpageCountMask) | ((baseLow + delta) & RmpEntry.SubpageCountMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong Version(nuint index) => ref _versions[(uint)(index / (LastSubpage + 1)) % Versions * VersionStride];

    /// <summary>Gives a region a new version, before the high quadword of an assigned entry in it is replaced (rule 7). A full
    /// fence.</summary>
    internal void BeginWrite(nuint index) => Interlocked.Exchange(ref Version(index), VersionToken.Next());

    /// <summary>The same by a store, for a caller that holds the entry, has a full-fence operation before the instruction ends, and writes
    /// the high quadword with release semantics.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="own">See <see cref="OwnCounts"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginFencedWrite(nuint index, ulong[]? own) =>
        Volatile.Write(ref Version(index), own is not null ? AsidCounters.NextToken(own) : VersionToken.Next());

    /// <summary>What the calling thread alone writes, if this table has that and the thread has counted in it: looked up once an
    /// instruction.</summary>
    internal ulong[]? OwnCounts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Counters?.Own;
    }

    /// <summary>Raises the count of a region by one, unless it is or becomes a 2 MiB page.</summary>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="seen">The value read before: the compare-and-swap verifies it.</param>
    /// <param name="page">The page updated.</param>
    /// <returns>SUCCESS, or the result for a 4 KiB update in that region.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RmpResult RaiseCount(ref ulong baseWord, ulong seen, PhysicalAddress page)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!IsSmall(seen)) return NotSmall(ref baseWord, page);
            ulong prior = Interlocked.CompareExchange(ref baseWord, MoveCount(seen, OneSubpage), seen);
            if (prior == seen) return RmpResult.Success;
            seen = prior;
        }

        return RegionContended();
    }

    /// <summary>Lowers the count of a region by one. Never refused (rule 3): each failed try means that another operation
    /// succeeded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void LowerCount(ref ulong baseWord, ulong seen)
    {
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref baseWord, MoveCount(seen, MinusOneSubpage), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Publishes a locked base entry with the count as it is by then (rule 2). Never refused: each failed try means that another
    /// operation succeeded.</summary>
    internal void PublishBase(nuint baseIndex, ulong lowWithoutCount)
    {
        ref ulong word = ref Entries.Low(baseIndex);
        ulong seen = Volatile.Read(ref word);
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref word, lowWithoutCount | (seen & RmpEntry.SubpageCountMask), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    /// <summary>Publishes a locked entry, base entry or sub-entry.</summary>
    internal void Publish(nuint index, LowQuadword low)
    {
        if ((index & LastSubpage) == 0)
        {
            PublishBase(index, low.WithoutCount);
        }
        else
        {
            Volatile.Write(ref Entries.Low(index), low);
        }
    }

    /// <summary>Adds pages to the counter of an ASID, before they are published as assigned: firmware's test for zero never passes too
    /// early.</summary>
    /// <param name="own">See <see cref="OwnCounts"/>.</param>
    /// <param name="asid">The ASID.</param>
    /// <param name="pages">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void RaiseAssignedPages(ulong[]? own, uint asid, ulong pages)
    {
        if (!IsCounted(asid)) return;
        if (own is not null) AsidCounters.Raise(own, asid, pages);
        else if (Counters is { } counters) counters.Raise(asid, pages);
        else Interlocked.Add(ref Entries.Bookkeeping(asid), pages);
    }

    /// <summary>Takes pages off the counter of an ASID, after they have been released.</summary>
    /// <inheritdoc cref="RaiseAssignedPages"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LowerAssignedPages(ulong[]? own, uint asid, ulong pages)
    {
        if (!IsCounted(asid)) return;
        if (own is not null) AsidCounters.Lower(own, asid, pages);
        else if (Counters is { } counters) counters.Lower(asid, pages);
        else Interlocked.Add(ref Entries.Bookkeeping(asid), 0UL - pages);
    }

    /// <summary>The counter of an ASID.</summary>
    /// <param name="asid">Below <see cref="ContiguousGeometry.AsidCounters"/>.</param>
    internal ulong AssignedPages(uint asid) => Volatile.Read(ref Entries.Bookkeeping(asid)) + (Counters?.Read(asid) ?? 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsCounted(uint asid) => asid != 0 || CountsAsidZero;

    /// <summary>Ends the skipping of checks around a page. Called under the lock of the entry, when the update can no longer
    /// fail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndOptimization(PhysicalAddress page, bool assigns)
    {
        if (Optimizations is { } record && (assigns || Choices.RmpOptEndsOnRelease)) record.Clear(page);
    }
}
