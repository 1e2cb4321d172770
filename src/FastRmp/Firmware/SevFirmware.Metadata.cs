using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_MD_INIT, SNP_SWAP_IN of a metadata page.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>The first address that has no room below the tag of a Metadata page.</summary>
    private const ulong ContextEnd = PageStates.MetadataTag;

    /// <summary>SNP_MD_INIT (0xC3): Firmware → Metadata of a guest.</summary>
    /// <param name="page">The page, 4 KiB.</param>
    /// <param name="guestContext">Any address in the guest context page, which lies above 0 and below 2^48: its address is stored with the page.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS (of the context, too), INVALID_PAGE_SIZE, INVALID_PAGE_STATE or INVALID_GUEST (the context page is none).</returns>
    public FirmwareStatus MdInit(PhysicalAddress page, PhysicalAddress guestContext)
    {
        FirmwareStatus status = Find(page, PageSize.Size4K, PageState.Firmware, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (!IsContext(guestContext)) return FirmwareStatus.InvalidGuest;
        return guestContext.PageNumber == 0 || guestContext.Value >= ContextEnd ? FirmwareStatus.InvalidAddress : Write(found, FirmwareRow.Metadata(guestContext));
    }

    /// <summary>SNP_SWAP_IN (0xC1) of a metadata page: Firmware → Metadata of a guest.</summary>
    /// <param name="page">The page that the content comes into, 4 KiB.</param>
    /// <param name="guestContext">The guest context page, as <see cref="MdInit"/>'s.</param>
    /// <returns>As <see cref="MdInit"/>.</returns>
    public FirmwareStatus SwapInMetadata(PhysicalAddress page, PhysicalAddress guestContext) => MdInit(page, guestContext);
}
