using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_PAGE_RECLAIM, SNP_PAGE_UNSMASH.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_RECLAIM (0xC7): Metadata or Firmware → Reclaim, Pre-Guest → Guest-Invalid, Pre-Swap → Guest-Valid.</summary>
    /// <param name="page">The page.</param>
    /// <param name="size">Its size in the RMP.</param>
    /// <returns>SUCCESS (without effect if the page is not immutable), INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus PageReclaim(PhysicalAddress page, PageSize size)
    {
        FirmwareStatus status = Find(page, size, out FirmwarePage found);
        bool isRead = status is FirmwareStatus.Success or FirmwareStatus.InvalidPageSize;
        if (isRead && !found.Entry.Immutable) return FirmwareStatus.Success;
        if (status != FirmwareStatus.Success) return status;
        return found.State switch
        {
            PageState.Metadata or PageState.Firmware => Write(found, FirmwareRow.Reclaim),
            PageState.PreGuest or PageState.PreSwap => Write(found, GivenBack(found.Entry, found.Entry.Validated)),
            _ => FirmwareStatus.InvalidPageState,
        };
    }

    /// <summary>SNP_PAGE_UNSMASH (0xC8): 512 pages of 4 KiB become one of 2 MiB. They have to be immutable guest pages without VMSA, alike in state, ASID and high quadword, with consecutive guest addresses from a 2 MiB boundary on.</summary>
    /// <param name="page">The first page, 2 MiB aligned.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE (it is one page already) or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus PageUnsmash(PhysicalAddress page)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (!page.IsAligned(PageSize.Size2M) || HasOwnPages(new PhysicalRange(page, PageSize.Size2M.Bytes()))) return FirmwareStatus.InvalidAddress;
        FirmwareStatus status = Find(page, PageSize.Size4K, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (!Table.IsMergeable(found.Index)) return FirmwareStatus.InvalidPageState;
        Table.MergeForFirmware(found.Index);
        return FirmwareStatus.Success;
    }
}
