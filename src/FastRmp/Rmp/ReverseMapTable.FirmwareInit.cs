using System.Threading;

namespace FastRmp;

/// <content>What SNP_INIT and SNP_SHUTDOWN do to the whole table. SNP_INIT's part is for a machine that stands still: no other thread may use the table.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>Forgets what belongs to the table of before: counters by ASID, and what RMPOPT verified. Readers see a new version of every region.</summary>
    internal void ResetForFirmware()
    {
        for (uint asid = 0; asid < ContiguousGeometry.AsidCounters; asid++)
        {
            Volatile.Write(ref _entries.Bookkeeping(asid), 0);
        }

        for (uint i = 0; i < Versions; i++)
        {
            Interlocked.Increment(ref _versions[i * VersionStride]);
        }

        _optimizations?.ClearAll();
        _inUse.ForgetOwners();
    }

    /// <summary>Writes the entries of a range, all alike, with the high quadword 0.</summary>
    /// <param name="pages">Whole pages inside a single covered range, whose entries stand one after the other.</param>
    /// <param name="low">The low quadword.</param>
    /// <remarks>Plain writes in a loop of their own: of a large table this is all the work.</remarks>
    internal void FillForFirmware(PhysicalRange pages, ulong low)
    {
        if (!_geometry.TryGetIndex(pages.Start, out nuint first)) return;
        nuint end = first + (nuint)(pages.Length >> PageSize.Size4K.Shift());
        EntryStore entries = _entries;
        for (nuint i = first; i < end; i++)
        {
            entries.Low(i) = low;
            entries.High(i) = 0;
        }
    }

    /// <summary>Raises the counts for pages that were just filled as assigned to nobody's guest.</summary>
    /// <param name="pages">Whole pages inside a single covered range.</param>
    internal void CountForFirmware(PhysicalRange pages)
    {
        if (!_geometry.TryGetIndex(pages.Start, out nuint index)) return;
        nuint end = index + (nuint)(pages.Length >> PageSize.Size4K.Shift());
        AddAssignedPages(0, end - index); // only if ASID 0 is counted at all
        for (; index < end; index++)
        {
            if ((index & LastSubpage) == 0) continue;
            ref ulong top = ref _entries.Low(index & ~LastSubpage);
            top = MoveCount(top, OneSubpage);
        }
    }

    /// <summary>Makes pages that IOMMUs write Firmware-IOMMU, whatever they were.</summary>
    /// <param name="pages">Whole pages; those that are not covered are left out.</param>
    /// <remarks>Source: AMD SEV firmware, sev_hal_iommu.c. Each page raises the count of its region, also one that was assigned before: of buffers that overlap it counts twice.</remarks>
    internal void FillIommuPages(PhysicalRange pages)
    {
        for (ulong offset = 0; offset < pages.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!_geometry.TryGetIndex(pages.Start + offset, out nuint index)) continue;
            ref ulong word = ref _entries.Low(index);
            if ((word & RmpEntry.AssignedMask) == 0) AddAssignedPages(0, 1); // only if ASID 0 is counted at all
            bool isBase = (index & LastSubpage) == 0;
            _entries.High(index) = 0;
            word = FirmwareLow | PageStates.IommuGpa | (isBase ? word & RmpEntry.SubpageCountMask : 0);
            if (isBase) continue;
            ref ulong top = ref _entries.Low(index & ~LastSubpage);
            top = MoveCount(top, OneSubpage);
        }
    }

    /// <summary>Makes pages that IOMMUs wrote Reclaim, their entries written anew. Beside any instruction: the pages are immutable, each is a transition by itself.</summary>
    /// <param name="pages">Whole pages; those that are not covered are left out.</param>
    internal void ReclaimIommuPages(PhysicalRange pages)
    {
        for (ulong offset = 0; offset < pages.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!_geometry.TryGetIndex(pages.Start + offset, out nuint index)) continue;
            RewriteForFirmware(index, new RmpEntry(RmpEntry.AssignedMask, 0));
        }
    }
}
