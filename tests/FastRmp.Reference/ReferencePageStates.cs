using System;

namespace FastRmp.Reference;

/// <summary>Decodes an entry into its state, in firmware's order of tests (rmp 3).</summary>
public static class ReferencePageStates
{
    /// <summary>The state that the fields of an entry stand for.</summary>
    /// <param name="entry">
    /// The entry of a covered page; for a page of a large region its base entry, because a sub-entry alone looks like Reclaim
    /// (rmp 2.3).
    /// </param>
    /// <returns>The state; never <see cref="ReferencePageState.Default"/>.</returns>
    public static ReferencePageState Decode(ReferenceEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);

        // Firmware puts a tag in the top three bits of the GPA field (rmp 2.2).
        ulong pageNumber = entry.Gpa / 4096;
        ulong valuesPerTag = 1UL << 36;
        ulong tag = pageNumber / valuesPerTag;
        ulong value = pageNumber % valuesPerTag;

        bool hostOwned = !entry.Assigned && !entry.Validated && entry.Asid == 0;
        bool firmwareOwned = entry.Assigned && !entry.Validated && entry.Asid == 0;
        bool guestOwned = entry.Assigned && entry.Asid > 0;

        if (hostOwned && !entry.Immutable) return ReferencePageState.Hypervisor;
        if (hostOwned && entry.Immutable) return ReferencePageState.HvFixed;
        if (firmwareOwned && entry.Immutable && entry.Gpa == 0 && !entry.Vmsa) return ReferencePageState.Firmware;
        if (firmwareOwned && !entry.Immutable && !entry.Lock) return ReferencePageState.Reclaim;
        if (firmwareOwned && entry.Immutable && entry.Gpa == 0 && entry.Vmsa) return ReferencePageState.Context;
        if (firmwareOwned && entry.Immutable && tag == 1 && value > 0) return ReferencePageState.Metadata;
        if (guestOwned && entry.Immutable && !entry.Validated) return ReferencePageState.PreGuest;
        if (guestOwned && entry.Immutable && entry.Validated) return ReferencePageState.PreSwap;
        if (guestOwned && !entry.Immutable && !entry.Validated) return ReferencePageState.GuestInvalid;
        if (guestOwned && !entry.Immutable && entry.Validated) return ReferencePageState.GuestValid;
        if (firmwareOwned && entry.Immutable && tag == 2 && value == 1 && !entry.Vmsa) return ReferencePageState.FirmwareIommu;
        return ReferencePageState.Invalid;
    }

    /// <summary>The name of a state as the specification spells it.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The name.</returns>
    public static string NameOf(ReferencePageState state) => state switch
    {
        ReferencePageState.Invalid => "Invalid",
        ReferencePageState.Default => "Default",
        ReferencePageState.Hypervisor => "Hypervisor",
        ReferencePageState.HvFixed => "HV_Fixed",
        ReferencePageState.Firmware => "Firmware",
        ReferencePageState.FirmwareIommu => "Firmware-IOMMU",
        ReferencePageState.Reclaim => "Reclaim",
        ReferencePageState.Context => "Context",
        ReferencePageState.Metadata => "Metadata",
        ReferencePageState.PreGuest => "Pre-Guest",
        ReferencePageState.PreSwap => "Pre-Swap",
        ReferencePageState.GuestInvalid => "Guest-Invalid",
        ReferencePageState.GuestValid => "Guest-Valid",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
