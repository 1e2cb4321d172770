using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <content>Which device table entries are legal. Source: AMD I/O Virtualization Technology (IOMMU) Specification; Linux commits
/// ba17de98545d and ef75966abf95 for the events of illegal ones.</content>
public readonly partial record struct IommuState
{
    private const int ReservedMode = 7;
    private const int LevelsOfSmallestSize = 4;
    private const int ReservedSize = 3; // of HATS, and of GLX
    private const byte FiveLevels = 1; // GuestPagingMode, GATS

    /// <summary>The bits that must be zero in a valid device table entry: the reserved ones, and those of features that are absent or not
    /// enabled.</summary>
    public DeviceTableEntry ReservedBits => new(
        _derived.Unsupported.Word0 | DeviceTableEntry.Word0ReservedMask,
        _derived.Unsupported.Word1 | DeviceTableEntry.Word1ReservedMask,
        _derived.Unsupported.Word2 | DeviceTableEntry.Word2ReservedMask,
        _derived.Unsupported.Word3 | DeviceTableEntry.Word3ReservedMask);

    /// <summary>What requests of a device come to at its device table entry, before its rights are looked at.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns><see cref="IommuStatus.Mapped"/> if the entry is legal and they go on; else
    /// <see cref="IommuStatus.ForbiddenDeviceTableBits"/>, <see cref="IommuStatus.NoTranslation"/> or
    /// <see cref="IommuStatus.IllegalDeviceTableEntry"/>.</returns>
    /// <remarks>Besides the modes, GLX and GuestPagingMode are encodings that may be impossible or absent, with GV; no source tells their
    /// event, and it is taken to be the same.</remarks>
    public IommuStatus Check(in DeviceTableEntry entry)
    {
        if (!entry.Valid) return IommuStatus.Mapped;
        if (!entry.TranslationValid && Choices.TranslationValidBeforeReservedBits) return IommuStatus.NoTranslation;
        if (HasReservedBits(entry)) return IommuStatus.ForbiddenDeviceTableBits;
        if (!entry.TranslationValid) return IommuStatus.NoTranslation;
        return IsPossible(entry) ? IommuStatus.Mapped : IommuStatus.IllegalDeviceTableEntry;
    }

    /// <summary>Whether a bit is set that must be zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasReservedBits(in DeviceTableEntry entry) =>
        ((entry.Word0 & (_derived.Unsupported.Word0 | DeviceTableEntry.Word0ReservedMask))
        | (entry.Word1 & (_derived.Unsupported.Word1 | DeviceTableEntry.Word1ReservedMask))
        | (entry.Word2 & (_derived.Unsupported.Word2 | DeviceTableEntry.Word2ReservedMask))
        | (entry.Word3 & DeviceTableEntry.Word3ReservedMask)) != 0;

    /// <summary>Whether Mode, GLX and GuestPagingMode are encodings that this IOMMU knows, under SNP too.</summary>
    internal bool IsPossible(in DeviceTableEntry entry)
    {
        if (entry.Mode == ReservedMode || entry.Mode > LargestMode) return false;
        if (entry.Mode == 0 && IsSnpEnabled && !(entry.GuestTranslationValid && Gcr3IsGuestPhysical)) return false;
        if (!entry.GuestTranslationValid) return true;
        if (entry.GuestLevels == ReservedSize || entry.GuestLevels > (_features?.GuestLevels ?? ReservedSize)) return false;
        return entry.GuestPagingMode <= (_features?.GuestAddressSize is 0 ? 0 : FiveLevels);
    }

    /// <summary>The largest Mode of a device table entry, by HATS: 4 to 6; 6 if the features are not known or HATS has its reserved
    /// value.</summary>
    public int LargestMode =>
        _features is { HostAddressSize: < ReservedSize } known ? LevelsOfSmallestSize + known.HostAddressSize : IoPageSize.TopLevel;

    /// <summary>How many bits a PASID may have at most.</summary>
    internal int PasidBits => _features is { } known ? known.PasidBits + 1 : 32;

    /// <summary>Whether NX means something in guest (v2) tables; without, it is reserved.</summary>
    internal bool HasNoExecute => _features is not { NoExecute: false };

    /// <summary>Whether something is so that the short way through <see cref="IommuWalker"/> does not know: modes that are not there,
    /// rights that are judged at the leaf.</summary>
    internal bool NeedsCloserLook => _derived.NeedsCloserLook;

    /// <summary>See <see cref="ModelChoices.IntermediateDmaSizesAreLarge"/>.</summary>
    internal bool IsIntermediateSizeLarge => _derived.IsIntermediateSizeLarge;

    private static Derived Derive(IommuControl? control, IommuExtendedFeatures? features, ModelChoices choices) => new(
        choices.UnsupportedDeviceFieldsAreReserved ? Unsupported(control, features) : default,
        choices.DmaRightsAreCheckedAtLeaf || features is { HostAddressSize: < ReservedSize - 1 },
        choices.IntermediateDmaSizesAreLarge);

    private static DeviceTableEntry Unsupported(IommuControl? control, IommuExtendedFeatures? features)
    {
        bool hasGuests = features is not { GuestTranslation: false } && control is not { GuestTranslationEnable: false };
        bool hasPageRequests = features is not { PageRequests: false };
        ulong low = 0;
        if (!hasGuests)
        {
            low |= DeviceTableEntry.GuestTranslationValidMask | DeviceTableEntry.GuestLevelsMask | DeviceTableEntry.GuestCr3PagePart2Mask;
        }

        if (!hasGuests || features is { GuestIoProtection: false }) low |= DeviceTableEntry.GuestIoProtectionMask;
        if (!hasGuests || !hasPageRequests) low |= DeviceTableEntry.GuestPageResponsePasidMask;
        if (!hasPageRequests || features is { EnhancedPageRequests: false } || control is { EnhancedPageRequestEnable: false })
        {
            low |= DeviceTableEntry.PeripheralPageRequestsMask;
        }

        if (features is { HostAccessed: false }) low |= DeviceTableEntry.HostAccessDirtyMask;
        if (features is { HostDirty: false }) low |= 1UL << (DeviceTableEntry.HostAccessDirtyShift + 1);
        return new DeviceTableEntry(
            low,
            hasGuests ? 0 : DeviceTableEntry.GuestCr3PagePart0Mask | DeviceTableEntry.GuestCr3PagePart1Mask,
            hasGuests ? 0 : DeviceTableEntry.GuestPagingModeMask,
            0);
    }

    /// <summary>What is worked out once, when a register or the choices are set.</summary>
    /// <param name="Unsupported">The bits of features that are absent or not enabled.</param>
    /// <param name="NeedsCloserLook">See <see cref="IommuState.NeedsCloserLook"/>.</param>
    /// <param name="IsIntermediateSizeLarge">See <see cref="IommuState.IsIntermediateSizeLarge"/>.</param>
    private readonly record struct Derived(DeviceTableEntry Unsupported, bool NeedsCloserLook, bool IsIntermediateSizeLarge);
}
