using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Pages that a running VCPU uses (rmp 7). They need no entry: uncovered pages are counted, too.</content>
public sealed partial class ReferenceRmp
{
    private readonly Dictionary<ulong, int> _inUse = [];

    /// <summary>One more VCPU uses a page, as after a successful VMRUN.</summary>
    /// <param name="spa">Any address in the 4 KiB page.</param>
    public void TakeInUse(ulong spa) => _inUse[spa / PageBytes] = InUseCount(spa) + 1;

    /// <summary>One VCPU less uses a page, as after #VMEXIT.</summary>
    /// <param name="spa">Any address in the 4 KiB page.</param>
    /// <exception cref="InvalidOperationException">Nobody uses it.</exception>
    public void DropInUse(ulong spa)
    {
        int count = InUseCount(spa);
        if (count == 0) throw new InvalidOperationException("The page is not in use.");
        if (count == 1) _inUse.Remove(spa / PageBytes);
        else _inUse[spa / PageBytes] = count - 1;
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
}
