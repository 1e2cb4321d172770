using System.Threading;

namespace FastRmp;

/// <summary>What firmware's commands do to entries of pages in a firmware state, by the protocol.</summary>
/// <remarks>
/// One thread at a time is firmware; any others may execute instructions meanwhile. The argument under every transition:
///
/// 1. Every state that a command starts from has Immutable = 1. RMPUPDATE and PSMASH refuse such an entry, and the guest's instructions do,
///    so that only firmware writes it; only Subpage_Count may change in it, if it is a base entry. An immutable sub-entry that is
///    assigned keeps the region small (its count is not 0), and an immutable base keeps the region in whatever shape it has.
/// 2. An instruction that publishes Immutable does so with its last write to the entry, so that firmware, having read the bit, is alone.
/// That holds for a 2
///    MiB RMPUPDATE, too: the base entry that it holds with ASID 0x3FF shows Immutable and Lock only when the sub-entries are written.
///    Hence an immutable entry with ASID 0x3FF is at rest, and firmware treats it as any other.
/// 3. While firmware replaces the high quadword of an entry, it holds it as it does on the processor: with the lock value 0x3FF in the
/// ASID. Readers take such an entry for one in motion, RMPUPDATE still meets Immutable and refuses, and in a base entry the count can only
/// fall.
/// </remarks>
internal static partial class FirmwareTransitions
{
    /// <summary>Reads a page's own entry, for a command.</summary>
    /// <param name="table">The table.</param>
    /// <param name="address">Any address in the page.</param>
    /// <param name="index">Address of the entry.</param>
    /// <param name="entry">The entry as it is, held or not.</param>
    /// <returns>False if the page is not covered.</returns>
    /// <remarks>
    /// Decided by one read of the low quadword. The high one belongs to it if Immutable is set (1 above), and else the command ends here.
    /// An entry that an instruction holds shows Immutable = 0, which it had before it was held (2 above), so that no command takes it for a
    /// page of firmware; a sub-entry of a 2 MiB page is a mutable one like any other.
    /// </remarks>
    internal static bool TryRead<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalAddress address, out nuint index, out RmpEntry entry)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        entry = default;
        if (!table.TryGetIndex(address, out index)) return false;
        LowQuadword low = Volatile.Read(ref rmp.Entries.Low(index));
        entry = new RmpEntry(low, Volatile.Read(ref rmp.Entries.High(index)));
        return true;
    }

    /// <summary>Gives an immutable entry other content; size of the page and owner of the region's shape stay.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">The entry.</param>
    /// <param name="next">What it becomes; its Subpage_Count does not count, a base entry keeps its own.</param>
    /// <remarks>
    /// Low quadword last. If it shows Immutable = 0, any instruction may change the entry from that write on, and firmware does not touch
    /// it again. If the high quadword stays, the transition is that one write; if not, the entry is held (3 above) and the version moved
    /// before, so that no reader combines the new high quadword with an older low one.
    /// </remarks>
    internal static void Rewrite(in RmpProtocol rmp, nuint index, RmpEntry next)
    {
        ref ulong high = ref rmp.Entries.High(index);
        uint stamp = EntryChanges.StampOf(index);
        ulong[]? begun = rmp.Changes.Begin(stamp);
        if (high != next.High)
        {
            Interlocked.Or(ref rmp.Entries.Low(index), RmpEntry.AsidMask); // full fence: held before anything is written
            rmp.BeginWrite(index);
            Volatile.Write(ref high, next.High);
        }

        rmp.Publish(index, next.Low);
        EntryChanges.End(begun, stamp);
    }

    /// <summary>Whether all pages of a range are Firmware as SNP_PAGE_SET_STATE wants it: locked, of 4 KiB, and nothing else in the low
    /// quadword but a count.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Whole pages inside a single covered range.</param>
    internal static bool AreFirmwarePages<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        if (!table.TryGetIndex(pages.Start, out nuint index)) return true;
        nuint end = index + (nuint)(pages.Length >> PageSize.Size4K.Shift());
        for (; index < end; index++)
        {
            if ((Volatile.Read(ref rmp.Entries.Low(index)) & ~RmpEntry.SubpageCountMask) != RmpProtocol.FirmwareLow) return false;
        }

        return true;
    }

    /// <summary>Makes Firmware pages HV_Fixed.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Firmware pages of one region, from its base on.</param>
    /// <returns>False, and nothing is done, if the region counts fewer assigned sub-pages than the range has.</returns>
    internal static bool TryFix<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        if (!table.TryGetIndex(pages.Start, out nuint index)) return false;
        nuint count = (nuint)(pages.Length >> PageSize.Size4K.Shift());
        LowQuadword low = Volatile.Read(ref rmp.Entries.Low(index));
        if (((low & RmpEntry.SubpageCountMask) >> RmpEntry.SubpageCountShift) + 1 < count) return false;
        for (nuint i = 0; i < count; i++)
        {
            Fix(rmp, index + i);
        }

        return true;
    }

    /// <summary>Makes an immutable 4 KiB page HV_Fixed.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">Its entry; assigned.</param>
    /// <remarks>
    /// Unassigned first, then the count (rule 4): a check of a large mapping is conservative in between. As in RMPUPDATE a sub-entry is
    /// left locked and mutable until the count is lowered, so that a reader of the count finds the locked entry. The version moves
    /// because a release is what lets a reader accept equal low quadwords (rule 7).
    /// </remarks>
    private static void Fix(in RmpProtocol rmp, nuint index)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        uint stamp = EntryChanges.StampOf(index);
        ulong[]? begun = rmp.Changes.Begin(stamp);
        Interlocked.Or(ref word, RmpEntry.AsidMask);
        rmp.BeginWrite(index);
        Volatile.Write(ref rmp.Entries.High(index), 0); // RMPUPDATE of 4 KiB still meets Immutable
        if ((index & RmpProtocol.LastSubpage) != 0)
        {
            ref ulong baseWord = ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage);
            Volatile.Write(ref word, RmpEntry.LockMask);
            RmpProtocol.LowerCount(ref baseWord, Volatile.Read(ref baseWord));
        }

        rmp.Publish(index, RmpEntry.ImmutableMask);
        EntryChanges.End(begun, stamp);
        rmp.LowerAssignedPages(rmp.OwnCounts, 0, 1); // only if ASID 0 is counted at all
    }

    /// <summary>Whether 512 pages can become one: 4 KiB guest pages of firmware without VMSA, equal in state, ASID and high quadword, with
    /// guest addresses that rise by a page from a 2 MiB boundary.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="baseIndex">The base entry.</param>
    internal static bool IsMergeable(in RmpProtocol rmp, nuint baseIndex)
    {
        const ulong Needed = RmpEntry.PageSizeMask | RmpEntry.ImmutableMask | RmpEntry.VmsaMask;
        ulong alike = Needed | RmpEntry.AssignedMask | RmpEntry.ValidatedMask | RmpEntry.AsidMask | RmpEntry.GpaMask;
        ulong first = Volatile.Read(ref rmp.Entries.Low(baseIndex));
        if ((first & RmpEntry.AssignedMask) == 0) alike &= ~RmpEntry.ValidatedMask; // state Invalid either way
        first &= alike;
        if ((first & Needed) != RmpEntry.ImmutableMask || (first & RmpEntry.AsidMask) == 0
            || (first & RmpEntry.GpaMask & PageSize.Size2M.OffsetMask()) != 0)
        {
            return false;
        }

        // The first address is 2 MiB aligned: adding a page's offset carries into no other field. Once all are known to be immutable,
        // only firmware writes them (1 above), and their high quadwords are final.
        if (!RegionEntries.LowsRise(rmp.Entries, baseIndex, alike, first)) return false;
        Volatile.ReadBarrier();
        return RegionEntries.HighsAre(rmp.Entries, baseIndex, rmp.Entries.High(baseIndex));
    }

    /// <summary>Turns 512 pages that <see cref="IsMergeable"/> accepted into one of 2 MiB, immutable; Lock is what it was.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="baseIndex">The base entry.</param>
    /// <remarks>
    /// All 512 are immutable, so that the count does not change: it is 511 and becomes 0 with the shape. The base is frozen first and
    /// published last. In between a sub-entry is mutable with ASID 0: a 4 KiB RMPUPDATE that reads it reads the base after it, finds it
    /// frozen, and reports contention before it locks anything; a guest's instruction meets a foreign page, as it does before and after.
    /// So no other thread writes a sub-entry meanwhile, its high quadword neither, and all are written by wide stores, whose quadwords have
    /// no order: each says the same whichever of the others is written. Every entry stays assigned. The version moves before the first
    /// sub-entry is written, so that no reader takes one for a page of its own below a base that it read before.
    /// </remarks>
    internal static void Merge(in RmpProtocol rmp, nuint baseIndex)
    {
        const ulong Kept = ~(RmpEntry.AsidMask | RmpEntry.ImmutableMask | RmpEntry.LockMask);
        ref ulong word = ref rmp.Entries.Low(baseIndex);
        uint stamp = EntryChanges.StampOf(baseIndex);
        ulong[]? begun = rmp.Changes.Begin(stamp);
        ulong settled = Interlocked.Or(ref word, RmpEntry.AsidMask);
        rmp.BeginWrite(baseIndex);
        RegionEntries.ChangeLows(rmp.Entries, baseIndex, Kept, RmpEntry.AssignedMask);
        Volatile.Write(ref word, (settled & ~RmpEntry.SubpageCountMask) | RmpEntry.PageSizeMask);
        EntryChanges.End(begun, stamp);
    }
}
