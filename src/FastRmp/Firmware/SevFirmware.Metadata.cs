namespace FastRmp.Firmware;

/// <content>Metadata pages: SNP_MD_INIT, and the metadata entry of a swap.</content>
public sealed partial class SevFirmware<TGeometry>
{
    private const ulong MetadataEntryBytes = 64;

    /// <summary>SNP_MD_INIT (0xC3): Firmware → Metadata of a guest, of either size; its content becomes zero.</summary>
    /// <param name="guestContext">The guest context page, whose address is stored with the page.</param>
    /// <param name="page">The page.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_GUEST_STATE, INVALID_ADDRESS or
    /// INVALID_CONFIG.</returns>
    public FirmwareStatus MdInit(PhysicalAddress guestContext, PhysicalAddress page) => MdInit(guestContext.Value, page.Value);

    /// <inheritdoc cref="MdInit(PhysicalAddress, PhysicalAddress)"/>
    public FirmwareStatus MdInit(ulong guestContext, ulong page)
    {
        if (!IsPage(guestContext) || !IsPage(page)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = Find(guestContext, out FirmwarePage context);
        FirmwarePage found = default;
        if (status == FirmwareStatus.Success) status = Find(page, out found);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        if (found.State != PageState.Firmware) return FirmwareStatus.InvalidPageState;
        status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State is not (GuestState.Launch or GuestState.Running)) return FirmwareStatus.InvalidGuestState;
        status = CheckAddress(found.Address, found.Size.Bytes());
        if (status != FirmwareStatus.Success) return status;
        _contents.ClearMetadata(found.Address, found.Size.Pages());
        WriteMetadata(found, context.Address);
        return FirmwareStatus.Success;
    }

    /// <summary>Finds the metadata entry of a swap, when the guest's page is known to be one.</summary>
    private FirmwareStatus FindMetadata(ulong address, ulong bytes, ref SwapPages pages)
    {
        ulong stripped = Strip(address);
        if (stripped % MetadataEntryBytes != 0) return FirmwareStatus.InvalidParam;
        if (Overlap(pages.Source.Address, bytes, stripped, stripped + MetadataEntryBytes)) return FirmwareStatus.InvalidParam;
        if (Overlap(pages.Destination.Address, bytes, stripped, stripped + MetadataEntryBytes)) return FirmwareStatus.InvalidParam;
        FirmwareStatus status = Find(address, out FirmwarePage metadata);
        if (status != FirmwareStatus.Success) return status;
        if (metadata.State != PageState.Metadata) return FirmwareStatus.InvalidPageState;
        pages = pages with { Metadata = metadata };
        return metadata.MetadataOwner == (pages.Context.Address & PageStates.UntaggedGpaMask)
            ? FirmwareStatus.Success
            : FirmwareStatus.InvalidPageOwner;
    }

    /// <summary>The GPA field in place, as the page number that a metadata entry has.</summary>
    private static ulong GuestPageOf(RmpEntry entry) => (entry.Low & RmpEntry.GpaMask) >> RmpEntry.GpaShift;
}
