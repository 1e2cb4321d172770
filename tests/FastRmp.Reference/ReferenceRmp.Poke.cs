using System;

namespace FastRmp.Reference;

/// <content>Changes that firmware or a guest would make, for tests that need their results.</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Replaces a whole entry; neither counts nor counters follow. What RMPOPT found out about the region is void.</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <param name="low">Bytes 7:0.</param>
    /// <param name="high">Bytes 15:8.</param>
    public void Poke(ulong spa, ulong low, ulong high)
    {
        EntryOf(spa).SetRaw(low, high);
        _realAsids.Remove(spa / PageBytes);
        DropOptimisation(spa, assigns: true);
    }

    /// <summary>Sets Validated of a page, as PVALIDATE does; in a large region that of the base.</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <param name="validated">The new value.</param>
    public void PokeValidated(ulong spa, bool validated) => HolderOf(spa).Validated = validated;

    /// <summary>Sets VMSA of a page, as RMPADJUST does; in a large region that of the base.</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <param name="vmsa">The new value.</param>
    public void PokeVmsa(ulong spa, bool vmsa) => HolderOf(spa).Vmsa = vmsa;

    /// <summary>Sets the mask of one VMPL, as RMPADJUST does; in a large region that of the base.</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <param name="vmpl">0 to 3.</param>
    /// <param name="mask">The new mask.</param>
    public void PokeMask(ulong spa, int vmpl, byte mask) => HolderOf(spa).SetMask(vmpl, mask);

    /// <summary>Makes an unassigned page HV_Fixed, as SNP_INIT does (rmp 1.6): Immutable and nothing else.</summary>
    /// <param name="spa">Any address in the page, which must be covered and unassigned.</param>
    public void PokeHvFixed(ulong spa)
    {
        ReferenceEntry entry = EntryOf(spa);
        if (entry.Assigned) throw new InvalidOperationException("The page is assigned.");
        entry.Immutable = true;
    }

    /// <summary>Makes an unassigned page a firmware page at rest, with Subpage_Count kept right (rmp 1.6).</summary>
    /// <param name="spa">Any address in the page, which must be covered and unassigned.</param>
    public void PokeFirmware(ulong spa)
    {
        ReferenceEntry entry = EntryOf(spa);
        if (entry.Assigned) throw new InvalidOperationException("The page is assigned.");
        ReferenceEntry first = Region(spa)[0];
        entry.Assigned = true;
        entry.Immutable = true;
        entry.Lock = true;
        if (entry != first) first.SubpageCount++;
    }

    /// <summary>Replaces the counter of an ASID.</summary>
    /// <param name="asid">The ASID, below <see cref="Counters"/>.</param>
    /// <param name="pages">The new value.</param>
    public void PokeCounter(uint asid, long pages) => _counters[asid] = pages;

    private ReferenceEntry EntryOf(ulong spa)
    {
        RequireCovered(spa);
        return Region(spa)[IndexInRegion(spa)];
    }

    private ReferenceEntry HolderOf(ulong spa)
    {
        ReferenceEntry own = EntryOf(spa);
        ReferenceEntry first = Region(spa)[0];
        return first.Large ? first : own;
    }
}
