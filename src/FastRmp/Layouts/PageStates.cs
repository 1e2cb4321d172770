namespace FastRmp;

/// <summary>Decodes the state of a page from its attributes.</summary>
/// <remarks>Source: AMD SEV firmware, sev_rmp.h. Tags may differ between firmware versions: the tags in GPA[50:48] are those of
/// Genoa.</remarks>
internal static class PageStates
{
    /// <summary>The tag in GPA[50:48] of a Metadata page.</summary>
    internal const ulong MetadataTag = 1UL << TagShift;

    /// <summary>The GPA field of a Firmware-IOMMU page: tag 2, page number 1.</summary>
    internal const ulong IommuGpa = (2UL << TagShift) | (1UL << RmpEntry.GpaShift);

    /// <summary>The GPA field below the tag.</summary>
    internal const ulong UntaggedGpaMask = RmpEntry.GpaMask & ((1UL << TagShift) - 1);

    /// <summary>The tag in the GPA field.</summary>
    internal const ulong TagMask = RmpEntry.GpaMask & ~UntaggedGpaMask;

    private const int TagShift = 48;

    /// <summary>See <see cref="RmpEntry.State"/>.</summary>
    internal static PageState Decode(RmpEntry attributes) => attributes.Assigned
        ? attributes.Asid == 0 ? DecodeFirmware(attributes) : DecodeGuest(attributes)
        : DecodeUnassigned(attributes);

    private static PageState DecodeUnassigned(RmpEntry entry)
    {
        if (entry.Validated || entry.Asid != 0) return PageState.Invalid;
        return entry.Immutable ? PageState.HvFixed : PageState.Hypervisor;
    }

    private static PageState DecodeGuest(RmpEntry entry) => entry.Immutable
        ? entry.Validated ? PageState.PreSwap : PageState.PreGuest
        : entry.Validated ? PageState.GuestValid : PageState.GuestInvalid;

    // Firmware's order: Firmware, Reclaim, Context, Metadata, and Firmware-IOMMU last.
    private static PageState DecodeFirmware(RmpEntry entry)
    {
        if (entry.Validated) return PageState.Invalid;
        if (!entry.Immutable) return entry.Lock ? PageState.Invalid : PageState.Reclaim;
        ulong gpa = entry.Low & RmpEntry.GpaMask;
        if (gpa == 0) return entry.Vmsa ? PageState.Context : PageState.Firmware;
        if ((gpa & TagMask) == MetadataTag && gpa != MetadataTag) return PageState.Metadata;
        return gpa == IommuGpa && !entry.Vmsa ? PageState.FirmwareIommu : PageState.Invalid;
    }
}
