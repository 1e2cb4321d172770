namespace FastRmp.Firmware;

/// <summary>Low quadwords that an initialisation or a shutdown writes anew; the high one is 0.</summary>
/// <remarks>Source: AMD SEV firmware, sev_rmp.h. Every other command changes single fields of an entry.</remarks>
internal static class FirmwareRow
{
    internal const ulong Hypervisor = 0;

    internal const ulong HvFixed = RmpEntry.ImmutableMask;

    internal const ulong Firmware = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    internal const ulong FirmwareIommu = Firmware | PageStates.IommuGpa;

    internal const ulong Reclaim = RmpEntry.AssignedMask;
}
