using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_PAGE_SET_STATE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_SET_STATE (0xC6): Firmware → HV_Fixed, for ever; never the RMP itself.</summary>
    /// <param name="start">The first page, 2 MiB aligned.</param>
    /// <param name="pages">Pages of 4 KiB, a positive multiple of 512.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS (not aligned, or pages of the RMP among them), INVALID_PAGE_SIZE (a 2 MiB page among them) or INVALID_PAGE_STATE. Each test is made of all pages before the next one; unless SUCCESS, no page is changed.</returns>
    public FirmwareStatus PageSetState(PhysicalAddress start, ulong pages = 512)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (!start.IsAligned(PageSize.Size2M) || pages == 0 || pages % PageSize.Size2M.Pages() != 0) return FirmwareStatus.InvalidAddress;
        const ulong AddressSpace = PhysicalAddress.ValidMask + 1;
        if (pages > (AddressSpace - start.Value) >> PageSize.Size4K.Shift()) return FirmwareStatus.InvalidPageState; // the last one is not even an address
        PhysicalRange range = new(start, pages << PageSize.Size4K.Shift());
        if (HasOwnPages(range)) return FirmwareStatus.InvalidAddress;
        FirmwareStatus status = TestSizes(range);
        if (status == FirmwareStatus.Success) status = TestStates(range);
        if (status != FirmwareStatus.Success) return status;

        // All of them are immutable: they are what they are until we write them.
        for (ulong offset = 0; offset < range.Length; offset += PageSize.Size4K.Bytes())
        {
            Table.FixForFirmware(start + offset);
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Whether all regions are covered, and then whether all of them consist of 4 KiB pages.</summary>
    private FirmwareStatus TestSizes(PhysicalRange range)
    {
        FirmwareStatus status = FirmwareStatus.Success;
        for (ulong offset = 0; offset < range.Length; offset += PageSize.Size2M.Bytes())
        {
            if (!Table.TryReadForFirmware(range.Start + offset, out FirmwarePage page)) return FirmwareStatus.InvalidPageState;
            if (page.Entry.PageSize != PageSize.Size4K) status = FirmwareStatus.InvalidPageSize;
        }

        return status;
    }

    private FirmwareStatus TestStates(PhysicalRange range)
    {
        for (ulong offset = 0; offset < range.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!Table.TryReadForFirmware(range.Start + offset, out FirmwarePage page) || page.State != PageState.Firmware) return FirmwareStatus.InvalidPageState;
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Whether the RMP itself has a page in a range.</summary>
    private bool HasOwnPages(PhysicalRange range)
    {
        TGeometry geometry = Table.Geometry;
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            PhysicalRange own = geometry.OwnRange(i);
            if (own.Start.Value < range.End && range.Start.Value < own.End) return true;
        }

        return false;
    }
}
