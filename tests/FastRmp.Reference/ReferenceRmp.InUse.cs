using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Pages that a running VCPU uses (rmp 7). They need no entry: uncovered pages are counted, too.</content>
public sealed partial class ReferenceRmp
{
    private readonly Dictionary<ulong, int> _inUse = [];

    // The real ASIDs of VMSAs in use, by page number; their entries say 0x3FE.
    private readonly Dictionary<ulong, uint> _realAsids = [];

    /// <summary>One more VCPU uses a page, as after a successful VMRUN. The VMSA of an SNP guest is marked in its entry.</summary>
    /// <param name="spa">Any address in the 4 KiB page.</param>
    public void TakeInUse(ulong spa)
    {
        _inUse[spa / PageBytes] = InUseCount(spa) + 1;
        if (!Geometry.IsCovered(spa)) return;
        ReferenceEntry entry = Peek(spa);
        bool guests = entry.Assigned && entry.Asid >= 1 && entry.Asid <= ReferenceEntry.LastAsid;
        if (!guests || !entry.Vmsa || entry.Immutable || entry.Lock) return;
        _realAsids[spa / PageBytes] = entry.Asid;
        entry.Asid = ReferenceEntry.InUseAsid;
        entry.Lock = true;
    }

    /// <summary>One VCPU less uses a page, as after #VMEXIT.</summary>
    /// <param name="spa">Any address in the 4 KiB page.</param>
    /// <exception cref="InvalidOperationException">Nobody uses it.</exception>
    public void DropInUse(ulong spa)
    {
        int count = InUseCount(spa);
        if (count == 0) throw new InvalidOperationException("The page is not in use.");
        if (count > 1)
        {
            _inUse[spa / PageBytes] = count - 1;
            return;
        }

        // #VMEXIT restores ASID and Lock; a mark that came with a raw entry is nobody's to take away.
        _inUse.Remove(spa / PageBytes);
        if (!_realAsids.Remove(spa / PageBytes, out uint asid)) return;
        ReferenceEntry entry = Peek(spa);
        entry.Asid = asid;
        entry.Lock = false;
    }

    /// <summary>How many VCPUs use a page.</summary>
    /// <param name="spa">Any address in the 4 KiB page.</param>
    /// <returns>The count.</returns>
    public int InUseCount(ulong spa) => _inUse.GetValueOrDefault(spa / PageBytes);

    /// <summary>How many pages are in use.</summary>
    public int PagesInUse => _inUse.Count;

    /// <summary>Whether in-use pages stand in the way of a write by the host (rmp 7).</summary>
    /// <param name="spa">The address that is written.</param>
    /// <param name="mappingSize">The size of the mapping.</param>
    /// <returns>Whether the write has to fail.</returns>
    public bool IsWriteHeldByUse(ulong spa, ReferencePageSize mappingSize)
    {
        if (_processor.HvInUseWriteAllowed) return false;
        if (InUseCount(spa) > 0) return true;
        return _processor.HasInUseErratum && mappingSize != ReferencePageSize.Size4K && InUseCount(RegionOf(spa)) > 0;
    }

    // The owner by which a guest's use of an entry is judged; null if nobody knows it (rmp 7).
    private uint? OwnerOf(ReferenceEntry entry)
    {
        if (!entry.IsInUseVmsa) return entry.Asid;
        if (_choices.InUseVmsaIsNotGuestOwned) return null;
        return _realAsids.TryGetValue(entry.Spa / PageBytes, out uint asid) ? asid : null;
    }

    // rmp 4.3 step 5a: the page itself, and of a 2 MiB update every page of the region that the host owns.
    private bool IsUpdateHeldByUse(ReferenceEntry[] region, ulong page, bool large)
    {
        if (InUseCount(page) > 0) return true;
        if (!large || _choices.LargeUpdateSeesFirstUseOnly) return false;
        for (int i = 1; i < PagesPerRegion; i++)
        {
            if (!region[i].Assigned && InUseCount(page + ((ulong)i * PageBytes)) > 0) return true;
        }

        return false;
    }
}
