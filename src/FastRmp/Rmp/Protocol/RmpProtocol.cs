using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>The lock-free protocol under every instruction, over the entries of a table and whatever the geometry.</summary>
/// <remarks>
/// No operation waits for another: it takes effect by compare-and-swap, or puts back what it touched and reports contention. The rules, on
/// which the arguments beside each transition rest:
///
/// 1. An instruction on a 4 KiB page first locks the page's own entry: a CAS sets Lock. An old Lock with Immutable clear is contention;
///    with Immutable set it is a resting firmware page (FAIL_PERMISSION). Only the holder of the lock writes the entry again, except for
///    rule 2.
/// 2. Lock in a base entry does not freeze Subpage_Count. Others move the count by CAS under the lock; whoever publishes a base entry does
///    so by a CAS that carries the count as it then is.
/// 3. ASID 0x3FF in a base entry freezes everything in it but a count that falls. To change the region it is taken only from an unlocked
///    entry that is a 2 MiB page, or is unassigned with count 0; to look at it (ConfirmOverlap) also over a count, and then given back by a
///    CAS that carries the count. Who finds 0x3FF after locking an entry restores it and reports contention. A release that has seen the
///    region small holds a count of at least 1 until it is done, so that nobody changes the region under it, and it finishes without
///    waiting.
/// 4. Count first when assigning, count last when releasing: the count is never below the number of assigned sub-entries, so the check of a
///    large mapping may be conservative for an instant and never misses an assigned page.
/// 5. An instruction on a 2 MiB page takes the base (rule 3), then locks all 511 sub-entries; meeting a locked one it restores everything
///    and reports contention. A 4 KiB instruction locks its entry before it looks at the base, a 2 MiB one takes the base before it looks
///    at the entries, both by full-fence CAS: of two that overlap at least one sees the other.
/// 6. The low quadword is published last, with release semantics; the high one is only written while the low one is locked.
/// 7. A low quadword can come back to an old value (a page released and assigned as before, a region that was one page for a while), so a
///    reader that found it twice may still have the high one, or the entry of another page, of the time between. Whoever replaces the high
///    quadword of an assigned entry, or changes a 2 MiB page, therefore moves the region's version first, and a reader accepts only what it
///    read under one version. (An unassigned entry that is back where it was has been assigned and released in between, and the release
///    moved the version.)
///
/// 8. ASID 0x3FE beside Lock (RmpEntry.IsInUseVmsa) is no lock but a mark at rest: the entry of a VM save area from VMRUN to #VMEXIT.
///    Nothing of the host's takes it: to RMPUPDATE and PSMASH it is a page in use, a refusal that lasts. Who still writes it, the owner's
///    PVALIDATE and RMPADJUST, another VMRUN and #VMEXIT, first puts 0x3FF in place of 0x3FE, by CAS: that is the lock of a marked entry,
///    and rule 3 holds for it in a base entry. The owner's ASID stands beside the table, set and forgotten only under that lock (or the
///    ordinary one, when VMRUN marks), so that it is not zero exactly while the entry is marked or so locked. #VMEXIT never waits: it
///    lowers the count of uses, and who brings it to zero takes the mark away if he gets the lock. If he does not, somebody holds it, who
///    looks at the count after he has published the entry (SettleMark): count and entry are each written before the other is read, both by
///    full-fence operations, so that one of the two sees the other. The choice is made under the lock, where the count cannot rise from
///    zero by a VMRUN; a mark is neither lost nor left behind. Until it is taken away the entry still shows it, though the page is out of
///    use: whoever takes a mark for a fact asks the count after he has read the entry (IsResting), and a mark with an owner and no use is
///    an entry in motion. A mark without an owner came with a dump; to know that it is not one taken away since, the version moves before
///    the owner is forgotten.
///
/// A thread that dies inside leaves at most one 2 MiB region that reports contention; nothing else stops. Schedules of two instructions
/// that the rules allow are all run by the tests (FastRmp.Schedules.Tests). The table holds the protocol inline and hands it out by
/// reference: it costs no indirection.
/// </remarks>
internal readonly partial struct RmpProtocol
{
    /// <summary>Entries of a region but for the base entry, and the number of the last one.</summary>
    internal const nuint LastSubpage = PageArithmetic.EntriesPerTable - 1;

    /// <summary>Tries of one CAS against others before contention is reported: enough to ride out a neighbour, small enough to stay
    /// bounded.</summary>
    internal const int MaxAttempts = 64;

    /// <summary>Versions that regions share, and the distance between two: a cache line each, so that regions do not slow each other
    /// down.</summary>
    internal const uint Versions = 64;
    private const uint VersionStride = 8;

    /// <summary>Low quadword of a Firmware page.</summary>
    internal const ulong FirmwareLow = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    internal const ulong OneSubpage = 1UL << RmpEntry.SubpageCountShift;

    private const ulong MinusOneSubpage = ~OneSubpage + 1;

    private readonly ulong[] _versions;
    private readonly ulong _blockedBase;

    /// <summary>The protocol over the entries of a table. Whoever asks for an entry has its index from the geometry, which the table
    /// keeps.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    internal RmpProtocol(EntryStore entries, ProcessorModel processor, ModelChoices choices)
    {
        _versions = new ulong[Versions * VersionStride];
        _blockedBase = RmpEntry.PageSizeMask | (choices.ImmutableBaseBlocksRegion ? RmpEntry.ImmutableMask : 0);
        Entries = entries;
        InUse = new InUsePages();
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

    /// <summary>Whether the region consists of 4 KiB pages that may be updated, and nobody is about to change that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsSmall(LowQuadword baseLow) => (baseLow & _blockedBase) == 0 && !baseLow.IsFrozen;

    /// <summary>The count moved by one, inside its field whatever a damaged table holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong MoveCount(LowQuadword baseLow, ulong delta) =>
        (baseLow & ~RmpEntry.SubpageCountMask) | ((baseLow + delta) & RmpEntry.SubpageCountMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong Version(nuint index) => ref _versions[(uint)(index / (LastSubpage + 1)) % Versions * VersionStride];

    /// <summary>Moves the version of a region, before the high quadword of an assigned entry in it is replaced (rule 7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginWrite(nuint index) => Interlocked.Increment(ref Version(index));

    /// <summary>Raises the count of a region by one, unless it is or becomes a 2 MiB page.</summary>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="seen">What it held a moment ago: the compare-and-swap tells whether it still does.</param>
    /// <param name="page">The page updated.</param>
    /// <returns>SUCCESS, or the answer for a 4 KiB update in that region.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RmpResult RaiseCount(ref ulong baseWord, ulong seen, PhysicalAddress page)
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
    /// operation got on.</summary>
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

    /// <summary>Publishes a locked entry, whichever it is.</summary>
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

    /// <summary>Adds pages to the counter of an ASID. Raised before pages are published as assigned and lowered after they are released, so
    /// that firmware's test for zero never passes too early.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AddAssignedPages(uint asid, ulong pages)
    {
        if (asid != 0 || CountsAsidZero) Interlocked.Add(ref Entries.Bookkeeping(asid), pages);
    }

    /// <summary>Ends the skipping of checks around a page. Called under the lock of the entry, when the update can no longer
    /// fail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndOptimization(PhysicalAddress page, bool assigns)
    {
        if (Optimizations is { } record && (assigns || Choices.RmpOptEndsOnRelease)) record.Clear(page);
    }
}
