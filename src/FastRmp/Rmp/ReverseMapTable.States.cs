using System.Threading;

namespace FastRmp;

/// <content>Page states, and the RMP's own pages.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>The state of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>The state; Default for a page without an entry. Of one that other threads were changing each time it was looked at, the state of what was seen last.</returns>
    public PageState StateOf(PhysicalAddress address)
    {
        if (!_geometry.TryGetIndex(address, out nuint index) && IsUncovered()) return PageState.Default;
        _ = TryReadPair(index, address, out RmpEntry top, out RmpEntry own);
        return PageStates.Decode(IsLarge(top.Low) ? top with { Assigned = own.Assigned } : own);
    }

    /// <summary>Makes the RMP's own pages Firmware, as they are from SNP_INIT on: the table covers itself, and nobody else may write it.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c. For a table whose entries are all zero, before any instruction runs. Pages of the RMP that it does not cover stay the hypervisor's. Writes one entry for each 4 KiB of RMP that is covered: 1/256 of what the table occupies.</remarks>
    public void ClaimOwnPages()
    {
        for (int i = 0; i < _geometry.OwnRanges; i++)
        {
            PhysicalRange range = _geometry.OwnRange(i);
            for (ulong offset = 0; offset < range.Length; offset += PageSize.Size4K.Bytes())
            {
                if (_geometry.TryGetIndex(range.Start + offset, out nuint index)) Claim(index);
            }
        }
    }

    private void Claim(nuint index)
    {
        ulong low = Volatile.Read(ref _entries.Low(index));
        if ((low & RmpEntry.AssignedMask) != 0) return;
        _entries.High(index) = 0;
        Volatile.Write(ref _entries.Low(index), FirmwareLow | (low & RmpEntry.SubpageCountMask));
        if (_countsAsidZero) AddAssignedPages(0, 1);
        if ((index & LastSubpage) == 0) return;
        ref ulong top = ref _entries.Low(index & ~LastSubpage);
        top = MoveCount(top, OneSubpage);
    }
}
