using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>
/// What firmware's commands need of the table: entries of pages in a firmware state, read and written by the protocol. One thread at a time is
/// firmware; any others may execute instructions meanwhile. The argument under every transition:
///
/// 1. Every state that a command starts from has Immutable = 1. RMPUPDATE and PSMASH refuse such an entry, and the guest's instructions do, so
///    that nobody but firmware writes it; what may move in it is Subpage_Count, if it is a base entry. An immutable sub-entry that is assigned
///    keeps the region small (its count is not 0), and an immutable base keeps the region in whatever shape it has.
/// 2. Who publishes Immutable does so with its last write to the entry, so that firmware, having read the bit, is alone. A base entry under ASID
///    0x3FF is the exception: a 2 MiB RMPUPDATE shows Immutable there while it still writes the sub-entries.
/// 3. While firmware replaces the high quadword of an entry, it holds it as it does on the processor: with the lock value 0x3FF in the ASID.
///    Readers take such an entry for one in motion, RMPUPDATE still meets Immutable and refuses, and in a base entry the count can only fall.
/// </content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>Reads the entry that holds a page's attributes, for a command.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="page">The entry. One that another processor holds frozen shows Immutable = 0, which it had before it was frozen.</param>
    /// <returns>False if the page is not covered.</returns>
    /// <remarks>
    /// Decided by one read of the low quadword, as in <see cref="Attributes"/>. The high one belongs to it if Immutable is set (1 above), and else
    /// the command ends here. Between the reads of base and sub-entry the region may have become a 2 MiB page: then the sub-entry is mutable, and the
    /// refusal was right when the region was empty on the way.
    /// </remarks>
    internal bool TryReadForFirmware(PhysicalAddress address, out FirmwarePage page)
    {
        page = default;
        if (!_geometry.TryGetIndex(address, out nuint index) && IsUncovered()) return false;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            nuint target = Attributes(index, out ulong low);
            page = new FirmwarePage(target, new RmpEntry(low, Volatile.Read(ref _entries.High(target))));
            if (!IsFrozen(low)) return true;
        }

        page = page with { Entry = page.Entry.WithImmutable(false).WithAsid(0) };
        return true;
    }

    /// <summary>Gives an immutable entry other content; size of the page and owner of the region's shape stay.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="next">What it becomes; its Subpage_Count does not count, a base entry keeps its own.</param>
    /// <remarks>
    /// Low quadword last. If it shows Immutable = 0, the entry is everybody's from that write on, and firmware does not touch it again. If the high
    /// quadword stays, the transition is that one write; if not, the entry is held (3 above) and the version moved before, so that no reader pairs
    /// the new high quadword with a low one of another time.
    /// </remarks>
    internal void RewriteForFirmware(nuint index, RmpEntry next)
    {
        ref ulong high = ref _entries.High(index);
        if (high != next.High)
        {
            Interlocked.Or(ref _entries.Low(index), RmpEntry.AsidMask); // full fence: held before anything is written
            BeginWrite(index);
            Volatile.Write(ref high, next.High);
        }

        Publish(index, next.Low);
    }

    /// <summary>Makes an immutable 4 KiB page HV_Fixed.</summary>
    /// <param name="address">The page; assigned.</param>
    /// <remarks>
    /// Unassigned first, then the count (rule 4): a check of a large mapping is conservative in between. As in RMPUPDATE a sub-entry is left locked
    /// and mutable until the count has followed, so that who wonders about the count finds the reason. The version moves because a
    /// release is what lets a reader accept equal low quadwords (rule 7).
    /// </remarks>
    internal void FixForFirmware(PhysicalAddress address)
    {
        if (!_geometry.TryGetIndex(address, out nuint index)) return;
        ref ulong word = ref _entries.Low(index);
        Interlocked.Or(ref word, RmpEntry.AsidMask);
        BeginWrite(index);
        Volatile.Write(ref _entries.High(index), 0);
        if ((index & LastSubpage) != 0)
        {
            ref ulong baseWord = ref _entries.Low(index & ~LastSubpage);
            Volatile.Write(ref word, RmpEntry.LockMask);
            LowerCount(ref baseWord, Volatile.Read(ref baseWord));
        }

        Publish(index, RmpEntry.ImmutableMask);
        AddAssignedPages(0, ulong.MaxValue); // only if ASID 0 is counted at all
    }

    /// <summary>Whether 512 pages can become one: immutable guest pages without VMSA, alike but for consecutive guest addresses from a 2 MiB boundary.</summary>
    /// <param name="baseIndex">The base entry of a small region.</param>
    internal bool IsMergeable(nuint baseIndex)
    {
        const ulong Alike = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.VmsaMask | RmpEntry.ValidatedMask | RmpEntry.AsidMask | RmpEntry.GpaMask;
        ulong first = Volatile.Read(ref _entries.Low(baseIndex)) & Alike;
        const ulong Needed = RmpEntry.AssignedMask | RmpEntry.ImmutableMask;
        bool fits = (first & (Needed | RmpEntry.VmsaMask)) == Needed && (first & RmpEntry.AsidMask) != 0 && !IsFrozen(first)
            && (first & RmpEntry.GpaMask & PageSize.Size2M.OffsetMask()) == 0;
        ulong high = Volatile.Read(ref _entries.High(baseIndex));
        for (nuint i = 1; fits && i <= LastSubpage; i++)
        {
            // The first address is 2 MiB aligned: adding a page's offset carries into no other field.
            ulong expected = first + ((ulong)i << PageSize.Size4K.Shift());
            fits = (Volatile.Read(ref _entries.Low(baseIndex + i)) & Alike) == expected && Volatile.Read(ref _entries.High(baseIndex + i)) == high;
        }

        return fits;
    }

    /// <summary>Turns 512 pages that <see cref="IsMergeable"/> accepted into one of 2 MiB, immutable and locked.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <remarks>
    /// All 512 are immutable, so that nobody moves the count: it is 511 and becomes 0 with the shape. The base is frozen first and published last.
    /// In between a sub-entry is mutable with ASID 0: a 4 KiB RMPUPDATE that reads it reads the base after it, finds it frozen, and reports
    /// contention before it locks anything; a guest's instruction meets a foreign page, as it does before and after. Every entry stays assigned.
    /// The version moves before the first sub-entry is written, so that nobody takes one for a page of its own below a base read before.
    /// </remarks>
    internal void MergeForFirmware(nuint baseIndex)
    {
        const ulong Kept = ~(RmpEntry.AsidMask | RmpEntry.ImmutableMask | RmpEntry.LockMask);
        ref ulong word = ref _entries.Low(baseIndex);
        ulong settled = Interlocked.Or(ref word, RmpEntry.AsidMask);
        BeginWrite(baseIndex);
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            ref ulong sub = ref _entries.Low(baseIndex + i);
            Volatile.Write(ref sub, Volatile.Read(ref sub) & Kept);
        }

        Volatile.Write(ref word, (settled & ~RmpEntry.SubpageCountMask) | RmpEntry.PageSizeMask | RmpEntry.LockMask);
    }
}
