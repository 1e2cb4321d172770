using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>What firmware, which writes the table as memory, needs of it.</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Sets or clears SNP_EN and touches no entry.</summary>
    /// <param name="enabled">The new value.</param>
    public void SetEnabled(bool enabled) => IsEnabled = enabled;

    // The entry itself, to be read and written; the page must be covered.
    internal ReferenceEntry Live(ulong spa) => EntryOf(spa);

    // A whole new table; later ranges override earlier ones, and all counters are 0 (rmp 1.6 steps 1 to 6).
    internal void Rebuild(IReadOnlyList<(ReferenceRange Range, ReferencePageState State)> layout)
    {
        List<Initial> pieces = [];
        foreach ((ReferenceRange range, ReferencePageState state) in layout) pieces.Add(new Initial(range, state));
        StartOver(pieces);
    }

    // A page for an IOMMU, whatever it was (rmp 1.6 step 7). The region's count is raised even if the page was assigned already,
    // as one is that belongs to two buffers (taught by AMD's firmware).
    internal void MakeFirmwareIommu(ulong page)
    {
        ReferenceEntry entry = EntryOf(page);
        ReferenceEntry first = Region(page)[0];
        int count = first.SubpageCount;
        if (!entry.Assigned) Count(0, 1);
        if (entry != first) count++;
        WriteInitial(entry, ReferencePageState.FirmwareIommu);
        first.SubpageCount = count;
    }

    // Firmware pages that belong to nobody any more, where those of ASID 0 are counted at all.
    internal void CountFixed(int pages) => Count(0, -pages);
}
