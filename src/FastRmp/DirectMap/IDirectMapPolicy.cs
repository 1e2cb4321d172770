namespace FastRmp.DirectMap;

/// <summary>When the host splits its direct map around the RMP, and whether it joins again.</summary>
/// <remarks>A <c>struct</c> type argument without state. A new policy is one file.</remarks>
public interface IDirectMapPolicy
{
    /// <summary>The name that reports and the tool use.</summary>
    static abstract string Name { get; }

    /// <summary>Whether the fault handler splits a large mapping; if not, the fault is fatal.</summary>
    static abstract bool SplitsOnFault { get; }

    /// <summary>Whether the touched 2 MiB region is joined again after an update that released.</summary>
    static abstract bool RejoinsAfterRelease { get; }

    /// <summary>Whether an update is refused if its page is not RAM, or if a 2 MiB page is not aligned or does not end in RAM, as
    /// mainline's adjust_direct_map does. No, unless a policy says so.</summary>
    static virtual bool RefusesOutsideRam => false;

    /// <summary>Whether the pages of a guest_memfd are taken out of the map while the guest has them. No, unless a policy says
    /// so.</summary>
    static virtual bool TakesOutGuestPages => false;

    /// <summary>Whether the page is split down to 4 KiB before an RMPUPDATE, assigning or releasing.</summary>
    /// <param name="size">Size of the RMP page in the update.</param>
    /// <returns>True to split first.</returns>
    static abstract bool SplitsBefore(PageSize size);
}
