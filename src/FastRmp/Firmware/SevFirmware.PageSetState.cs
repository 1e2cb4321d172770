using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_PAGE_SET_STATE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_SET_STATE (0xC6): Firmware → HV_Fixed, for ever; never the RMP itself.</summary>
    /// <param name="start">The first page, 2 MiB aligned.</param>
    /// <param name="pages">Pages of 4 KiB, a positive multiple of 512.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS (not aligned, or pages of the RMP among them), INVALID_PAGE_SIZE (a 2 MiB page among them) or INVALID_PAGE_STATE. The first page that fails decides; unless SUCCESS, no page is changed.</returns>
    public FirmwareStatus PageSetState(PhysicalAddress start, ulong pages = 512)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (!start.IsAligned(PageSize.Size2M) || pages == 0 || pages % PageSize.Size2M.Pages() != 0) return FirmwareStatus.InvalidAddress;
        for (ulong i = 0; i < pages; i++)
        {
            // A page before the end of the address space is refused if no other is: the sum does not wrap unnoticed.
            if (start.PageNumber + i > PhysicalAddress.ValidMask >> PageSize.Size4K.Shift()) return FirmwareStatus.InvalidPageState;
            FirmwareStatus status = Find(PhysicalAddress.FromPageNumber(start.PageNumber + i), PageSize.Size4K, PageState.Firmware, out _);
            if (status != FirmwareStatus.Success) return status;
        }

        // All of them are immutable: they are what they are until we write them.
        if (HasOwnPages(start, pages)) return FirmwareStatus.InvalidAddress;
        for (ulong i = 0; i < pages; i++)
        {
            Table.FixForFirmware(PhysicalAddress.FromPageNumber(start.PageNumber + i));
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Whether the RMP itself has a page in a range.</summary>
    private bool HasOwnPages(PhysicalAddress start, ulong pages)
    {
        ulong end = start.Value + (pages << PageSize.Size4K.Shift());
        TGeometry geometry = Table.Geometry;
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            PhysicalRange own = geometry.OwnRange(i);
            if (own.Start.Value < end && start.Value < own.End) return true;
        }

        return false;
    }
}
