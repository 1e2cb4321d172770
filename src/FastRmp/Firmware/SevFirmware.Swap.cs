namespace FastRmp.Firmware;

/// <content>SNP_SWAP_OUT, SNP_SWAP_IN.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>The count of initialisation vectors with which no more is given.</summary>
    private const ulong MaxIvCount = ulong.MaxValue - 1;

    /// <summary>What stands for the guest page of a metadata page: 52 ones.</summary>
    private const ulong NoGuestPage = (1UL << 52) - 1;

    /// <summary>SNP_SWAP_OUT (0xC0): Pre-Guest or Pre-Swap → Pre-Guest, its content gone; Metadata → Firmware. The metadata entry says what
    /// the page was.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_PAGE_OWNER, INVALID_PAGE_SIZE,
    /// INVALID_ADDRESS, INVALID_CONFIG, INVALID_GUEST_STATE, INACTIVE or AEAD_OFLOW.</returns>
    /// <remarks>An initialisation vector is used up as soon as the tests of the states are passed, also if an address is refused then. The
    /// metadata entry's place is checked last, when it is written: the source has changed by then.</remarks>
    public FirmwareStatus SwapOut(in PageTransferParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Source) || !IsPage(parameters.Destination)
            || !IsRmpSize(parameters.Size))
        {
            return FirmwareStatus.InvalidParam;
        }

        ulong bytes = parameters.Size.Bytes();
        FirmwareStatus status = FindSwapped(
            parameters.GuestContext, parameters.Source, parameters.Destination, parameters.IsRoot ? null : parameters.Metadata, bytes,
            out SwapPages pages);
        if (status != FirmwareStatus.Success) return status;
        if (!pages.Source.HasSize(parameters.Size) || !pages.Destination.HasSize(parameters.Size)) return FirmwareStatus.InvalidPageSize;
        status = MapBound(pages.Context, out GuestContext guest);
        if (status == FirmwareStatus.Success) status = TestSwappedOut(parameters, guest, pages);
        if (status != FirmwareStatus.Success) return status;
        if (guest.IvCount == MaxIvCount) return FirmwareStatus.AeadOverflow;
        guest = guest with { IvCount = guest.IvCount + 1 };
        _contents.SetContext(pages.Context.Address, guest);
        status = CheckBoth(pages.Source, pages.Destination, bytes);
        if (status != FirmwareStatus.Success) return status;
        bool isMetadata = parameters.Type == SwapPageType.Metadata;
        Write(pages.Source, isMetadata ? RmpEntry.GpaMask | RmpEntry.VmsaMask : RmpEntry.ValidatedMask, set: 0);
        status = CheckMetadata(parameters.IsRoot, pages);
        if (status == FirmwareStatus.Success)
        {
            KeepMetadata(parameters.IsRoot, pages, guest, MetadataOf(parameters, guest, pages.Source.Entry));
        }

        return status;
    }

    /// <summary>SNP_SWAP_IN (0xC1): Pre-Guest → Pre-Swap if the metadata entry says that the page was validated, else it stays Pre-Guest;
    /// or Firmware → Metadata.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_PAGE_OWNER, INVALID_GUEST_STATE,
    /// INACTIVE, INVALID_MDATA_ENTRY, INVALID_PAGE_SIZE, INVALID_ADDRESS or INVALID_CONFIG.</returns>
    /// <remarks>The state of the source is not tested. The metadata entry is no longer valid afterwards.</remarks>
    public FirmwareStatus SwapIn(in PageTransferParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Source) || !IsPage(parameters.Destination)
            || !IsRmpSize(parameters.Size))
        {
            return FirmwareStatus.InvalidParam;
        }

        ulong bytes = parameters.Size.Bytes();
        FirmwareStatus status = FindSwapped(
            parameters.GuestContext, parameters.Source, parameters.Destination, parameters.IsRoot ? null : parameters.Metadata, bytes,
            out SwapPages pages);
        if (status != FirmwareStatus.Success) return status;
        status = MapBound(pages.Context, out GuestContext guest);
        if (status == FirmwareStatus.Success) status = CheckMetadata(parameters.IsRoot, pages);
        if (status != FirmwareStatus.Success) return status;
        MetadataEntry entry = parameters.IsRoot ? guest.Root : _contents.Metadata(pages.Metadata.Address);
        if (!entry.IsValid || !IsOfType(entry, parameters.Type)) return FirmwareStatus.InvalidMetadataEntry;
        if (!pages.Source.HasSize(parameters.Size) || !pages.Destination.HasSize(parameters.Size) || entry.Size != parameters.Size)
        {
            return FirmwareStatus.InvalidPageSize;
        }

        status = TestSwappedIn(parameters, guest, pages.Destination);
        if (status == FirmwareStatus.Success) status = CheckBoth(pages.Source, pages.Destination, bytes);
        if (status != FirmwareStatus.Success) return status;
        if (parameters.Type == SwapPageType.Metadata) WriteMetadata(pages.Destination, pages.Context.Address);
        else WriteBack(pages.Destination, entry);
        KeepMetadata(parameters.IsRoot, pages, guest, entry with { IsValid = false });
        return FirmwareStatus.Success;
    }

    /// <summary>What both begin with, after the reserved fields: the platform, the look-up of all three pages, the guest's page, the
    /// metadata entry's.</summary>
    /// <param name="guestContext">The guest context page in the command.</param>
    /// <param name="from">The source in the command.</param>
    /// <param name="to">The destination in the command.</param>
    /// <param name="metadata">The metadata entry in the command; null: the one in the context page.</param>
    /// <param name="bytes">Size of source and destination.</param>
    /// <param name="pages">The pages.</param>
    private FirmwareStatus FindSwapped(ulong guestContext, ulong from, ulong to, ulong? metadata, ulong bytes, out SwapPages pages)
    {
        pages = default;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwarePage source = default;
        FirmwarePage destination = default;
        FirmwareStatus status = Find(guestContext, out FirmwarePage context);
        if (status == FirmwareStatus.Success) status = Find(from, out source);
        if (status == FirmwareStatus.Success) status = Find(to, out destination);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        pages = new SwapPages(context, source, destination, default);
        return metadata is { } address ? FindMetadata(address, bytes, ref pages) : FirmwareStatus.Success;
    }

    /// <summary>Whether firmware may touch the metadata entry; the context page was checked when it was mapped.</summary>
    private FirmwareStatus CheckMetadata(bool isRoot, in SwapPages pages) =>
        isRoot ? FirmwareStatus.Success : CheckAddress(pages.Metadata.Address, MetadataEntryBytes);

    private void KeepMetadata(bool isRoot, in SwapPages pages, in GuestContext guest, in MetadataEntry entry)
    {
        if (isRoot) _contents.SetContext(pages.Context.Address, guest with { Root = entry });
        else _contents.SetMetadata(pages.Metadata.Address, entry);
    }

    private static FirmwareStatus TestSwappedOut(in PageTransferParameters parameters, in GuestContext guest, in SwapPages pages)
    {
        FirmwarePage source = pages.Source;
        bool isKind = parameters.Type switch
        {
            SwapPageType.Data or SwapPageType.Vmsa => source.State is PageState.PreGuest or PageState.PreSwap,
            SwapPageType.Metadata => source.State == PageState.Metadata,
            _ => false,
        };
        if (!isKind || pages.Destination.State is not (PageState.Firmware or PageState.Default)) return FirmwareStatus.InvalidPageState;
        bool isOwner = parameters.Type == SwapPageType.Metadata
            ? source.MetadataOwner == (pages.Context.Address & PageStates.UntaggedGpaMask)
            : source.Entry.Asid == guest.Asid;
        return isOwner ? FirmwareStatus.Success : FirmwareStatus.InvalidPageOwner;
    }

    private static MetadataEntry MetadataOf(in PageTransferParameters parameters, in GuestContext guest, RmpEntry entry)
    {
        bool isMetadata = parameters.Type == SwapPageType.Metadata;
        return new MetadataEntry
        {
            SoftwareData = parameters.SoftwareData,
            Iv = guest.IvCount - 1,
            IsValid = true,
            IsValidated = entry.Validated,
            IsVmsa = parameters.Type == SwapPageType.Vmsa,
            IsMetadata = isMetadata,
            Size = parameters.Size,
            GuestPage = isMetadata ? NoGuestPage : GuestPageOf(entry),
            Permissions = isMetadata ? 0 : entry.High,
        };
    }

    private static bool IsOfType(in MetadataEntry entry, SwapPageType type) => type switch
    {
        SwapPageType.Data => !entry.IsMetadata && !entry.IsVmsa,
        SwapPageType.Metadata => entry.IsMetadata && !entry.IsVmsa,
        SwapPageType.Vmsa => entry.IsVmsa && !entry.IsMetadata,
        _ => false,
    };

    private static FirmwareStatus TestSwappedIn(in PageTransferParameters parameters, in GuestContext guest, FirmwarePage destination)
    {
        switch (parameters.Type)
        {
            case SwapPageType.Metadata:
                if (parameters.IsInPlace) return FirmwareStatus.InvalidParam;
                return destination.State == PageState.Firmware ? FirmwareStatus.Success : FirmwareStatus.InvalidPageState;
            case SwapPageType.Vmsa:
                if (parameters.IsInPlace) return FirmwareStatus.InvalidParam;
                if (parameters.Size != PageSize.Size4K) return FirmwareStatus.InvalidPageSize;
                break;
            default:
                break;
        }

        // In place the addresses are compared before the state, and as they are in the command: a C-bit counts.
        if (parameters.IsInPlace && parameters.Source != parameters.Destination) return FirmwareStatus.InvalidAddress;
        if (destination.State != PageState.PreGuest) return FirmwareStatus.InvalidPageState;
        return destination.Entry.Asid == guest.Asid ? FirmwareStatus.Success : FirmwareStatus.InvalidPageOwner;
    }

    /// <summary>A guest's page becomes what it was when it went out.</summary>
    private void WriteBack(FirmwarePage page, in MetadataEntry entry)
    {
        const ulong Replaced = RmpEntry.GpaMask | RmpEntry.VmsaMask | RmpEntry.ValidatedMask;
        ulong low = (page.Entry.Low & ~Replaced) | ((entry.GuestPage << RmpEntry.GpaShift) & RmpEntry.GpaMask);
        Write(page, new RmpEntry(low, entry.Permissions) with { Vmsa = entry.IsVmsa, Validated = entry.IsValidated });
    }

    /// <summary>The pages of a swap.</summary>
    /// <param name="Context">The guest's context page.</param>
    /// <param name="Source">Where the content comes from.</param>
    /// <param name="Destination">Where it goes.</param>
    /// <param name="Metadata">The metadata entry's own place; without a meaning for the one in the context page.</param>
    private readonly record struct SwapPages(FirmwarePage Context, FirmwarePage Source, FirmwarePage Destination, FirmwarePage Metadata);
}
