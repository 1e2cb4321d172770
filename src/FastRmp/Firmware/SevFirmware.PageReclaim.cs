namespace FastRmp.Firmware;

/// <content>Pages back to the host, and pages merged: SNP_PAGE_RECLAIM, SNP_PAGE_UNSMASH.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_RECLAIM (0xC7): Metadata or Firmware → Reclaim, Pre-Guest → Guest-Invalid, Pre-Swap → Guest-Valid.</summary>
    /// <param name="page">The page.</param>
    /// <param name="size">Its size in the RMP.</param>
    /// <returns>SUCCESS (without effect if the page's own entry is not immutable), INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_ADDRESS
    /// (also a page of the RMP), INVALID_CONFIG, INVALID_PAGE_SIZE or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus PageReclaim(PhysicalAddress page, PageSize size) =>
        IsRmpSize(size) && IsPage(page.Value) ? PageReclaim(page.Value | (ulong)size) : FirmwareStatus.InvalidParam;

    /// <summary>SNP_PAGE_RECLAIM (0xC7), as <see cref="PageReclaim(PhysicalAddress, PageSize)"/>.</summary>
    /// <param name="pageAndSize">The quadword of the command buffer: the page, and in bit 0 its size.</param>
    /// <returns>As <see cref="PageReclaim(PhysicalAddress, PageSize)"/>.</returns>
    public FirmwareStatus PageReclaim(ulong pageAndSize)
    {
        const ulong SizeBit = 1;
        if ((pageAndSize & PageOffset & ~SizeBit) != 0) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        PageSize size = (pageAndSize & SizeBit) == 0 ? PageSize.Size4K : PageSize.Size2M;
        ulong address = Strip(pageAndSize & ~SizeBit);
        FirmwareStatus status = CheckAddress(address, size.Bytes());
        if (status != FirmwareStatus.Success) return status;
        status = Find(address, out FirmwarePage page);
        if (status != FirmwareStatus.Success) return status;
        if (!page.IsCovered) return Table.Choices.ReclaimOfUncoveredIsRefused ? FirmwareStatus.InvalidPageState : FirmwareStatus.Success;
        if (page.Size != size) return FirmwareStatus.InvalidPageSize;
        if (size == PageSize.Size2M && (address & LargePageOffset) != 0) return FirmwareStatus.InvalidAddress;
        if (!page.Entry.Immutable) return FirmwareStatus.Success;
        const ulong Held = RmpEntry.ImmutableMask | RmpEntry.LockMask;
        switch (page.State)
        {
            case PageState.Metadata:
                Write(page, Held | PageStates.TagMask, set: 0);
                return FirmwareStatus.Success;
            case PageState.Firmware or PageState.PreGuest or PageState.PreSwap:
                Write(page, Held, set: 0);
                return FirmwareStatus.Success;
            default:
                return FirmwareStatus.InvalidPageState;
        }
    }

    /// <summary>SNP_PAGE_UNSMASH (0xC8): 512 pages of 4 KiB become one of 2 MiB. They have to be immutable guest pages without VMSA, equal
    /// in state, ASID and high quadword, with consecutive guest addresses from a 2 MiB boundary on.</summary>
    /// <param name="page">The first page, 2 MiB aligned.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_ADDRESS (the RMP reaches into the region) or
    /// INVALID_PAGE_STATE.</returns>
    public FirmwareStatus PageUnsmash(PhysicalAddress page) => PageUnsmash(page.Value);

    /// <inheritdoc cref="PageUnsmash(PhysicalAddress)"/>
    public FirmwareStatus PageUnsmash(ulong page)
    {
        if ((page & LargePageOffset) != 0) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = Find(page, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (IsOwn(found.Address, PageSize.Size2M.Bytes())) return FirmwareStatus.InvalidAddress;
        if (!found.IsCovered || !FirmwareTransitions.IsMergeable(Table.Protocol, found.Index)) return FirmwareStatus.InvalidPageState;
        FirmwareTransitions.Merge(Table.Protocol, found.Index);
        return FirmwareStatus.Success;
    }
}
