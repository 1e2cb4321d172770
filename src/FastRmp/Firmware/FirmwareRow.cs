using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <summary>Low quadwords that firmware writes for pages without a guest owner; the high one is 0.</summary>
/// <remarks>Source: AMD SEV firmware, sev_rmp.h. Lock is Immutable always.</remarks>
internal static class FirmwareRow
{
    internal const ulong Hypervisor = 0;

    internal const ulong HvFixed = RmpEntry.ImmutableMask;

    internal const ulong Firmware = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    internal const ulong FirmwareIommu = Firmware | PageStates.IommuGpa;

    internal const ulong Context = Firmware | RmpEntry.VmsaMask;

    internal const ulong Reclaim = RmpEntry.AssignedMask;

    /// <summary>A Metadata page of a guest.</summary>
    /// <param name="guestContext">The guest's context page, above 0 and below 2^48, where the tag begins.</param>
    internal static ulong Metadata(PhysicalAddress guestContext) => Firmware | PageStates.MetadataTag | (guestContext.Value & RmpEntry.GpaMask);
}
