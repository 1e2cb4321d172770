using System.Threading;

namespace FastRmp;

/// <content>What SNP_INIT and SNP_SHUTDOWN do to the whole table. During SNP_INIT's part no other thread may
/// use the table.</content>
internal static partial class FirmwareTransitions
{
    /// <summary>Clears the state that belongs to the previous table: counters by ASID, and what RMPOPT verified. Readers see a new version
    /// of every region.</summary>
    internal static void Reset(in RmpProtocol rmp)
    {
        for (uint asid = 0; asid < ContiguousGeometry.AsidCounters; asid++)
        {
            Volatile.Write(ref rmp.Entries.Bookkeeping(asid), 0);
        }

        rmp.Counters?.Clear();
        for (nuint region = 0; region < RmpProtocol.Versions; region++)
        {
            rmp.BeginWrite(region * (RmpProtocol.LastSubpage + 1));
        }

        rmp.Optimizations?.ClearAll();
        rmp.InUse.ForgetOwners();
        rmp.Changes.ChangeAll();
    }

    /// <summary>Writes the entries of a range, all alike, with the high quadword 0.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Whole pages inside a single covered range, whose entries are one after the other.</param>
    /// <param name="low">The low quadword.</param>
    /// <remarks>Plain writes in a loop of their own: of a large table this is all the work.</remarks>
    internal static void Fill<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages, ulong low)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        if (!table.TryGetIndex(pages.Start, out nuint first)) return;
        nuint end = first + (nuint)(pages.Length >> PageSize.Size4K.Shift());
        EntryStore entries = rmp.Entries;
        for (nuint i = first; i < end; i++)
        {
            entries.Low(i) = low;
            entries.High(i) = 0;
        }
    }

    /// <summary>Raises the counts for pages that were just filled as assigned to no guest.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Whole pages inside a single covered range.</param>
    internal static void Count<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        if (!table.TryGetIndex(pages.Start, out nuint index)) return;
        nuint end = index + (nuint)(pages.Length >> PageSize.Size4K.Shift());
        rmp.RaiseAssignedPages(rmp.OwnCounts, 0, end - index); // only if ASID 0 is counted at all
        for (; index < end; index++)
        {
            if ((index & RmpProtocol.LastSubpage) == 0) continue;
            ref ulong top = ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage);
            top = RmpProtocol.MoveCount(top, RmpProtocol.OneSubpage);
        }
    }

    /// <summary>Makes pages that IOMMUs write Firmware-IOMMU, whatever they were.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Whole pages; those that are not covered are left out.</param>
    /// <remarks>Source: AMD SEV firmware, sev_hal_iommu.c. Each page raises the count of its region, also one that was assigned before: of
    /// buffers that overlap it counts twice.</remarks>
    internal static void FillIommuPages<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        for (ulong offset = 0; offset < pages.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!table.TryGetIndex(pages.Start + offset, out nuint index)) continue;
            ref ulong word = ref rmp.Entries.Low(index);
            if ((word & RmpEntry.AssignedMask) == 0) rmp.RaiseAssignedPages(rmp.OwnCounts, 0, 1); // only if ASID 0 is counted at all
            bool isBase = (index & RmpProtocol.LastSubpage) == 0;
            rmp.Entries.High(index) = 0;
            word = RmpProtocol.FirmwareLow | PageStates.IommuGpa | (isBase ? word & RmpEntry.SubpageCountMask : 0);
            if (isBase) continue;
            ref ulong top = ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage);
            top = RmpProtocol.MoveCount(top, RmpProtocol.OneSubpage);
        }

        rmp.Changes.ChangeAll();
    }

    /// <summary>Makes pages that IOMMUs wrote Reclaim, their entries written anew. Any instruction may run meanwhile: the pages are
    /// immutable, and each is a transition of its own.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Whole pages; those that are not covered are left out.</param>
    internal static void ReclaimIommuPages<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalRange pages)
        where TGeometry : struct, IRmpGeometry
    {
        ref readonly RmpProtocol rmp = ref table.Protocol;
        for (ulong offset = 0; offset < pages.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!table.TryGetIndex(pages.Start + offset, out nuint index)) continue;
            Rewrite(rmp, index, new RmpEntry(RmpEntry.AssignedMask, 0));
        }
    }

    /// <summary>Makes one of the RMP's own pages Firmware.</summary>
    internal static void Claim(in RmpProtocol rmp, nuint index)
    {
        ulong low = Volatile.Read(ref rmp.Entries.Low(index));
        if ((low & RmpEntry.AssignedMask) != 0) return;
        rmp.Entries.High(index) = 0;
        Volatile.Write(ref rmp.Entries.Low(index), RmpProtocol.FirmwareLow | (low & RmpEntry.SubpageCountMask));
        rmp.RaiseAssignedPages(rmp.OwnCounts, 0, 1); // only if ASID 0 is counted at all
        if ((index & RmpProtocol.LastSubpage) == 0) return;
        ref ulong top = ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage);
        top = RmpProtocol.MoveCount(top, RmpProtocol.OneSubpage);
    }
}
