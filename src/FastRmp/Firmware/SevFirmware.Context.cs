namespace FastRmp.Firmware;

/// <content>Guest contexts: SNP_GCTX_CREATE, SNP_DECOMMISSION.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_GCTX_CREATE (0x93): Firmware → Context, its content new.</summary>
    /// <param name="page">The page, 4 KiB.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_PAGE_STATE, INVALID_PAGE_SIZE, INVALID_CONFIG (not in one range of
    /// DRAM) or INVALID_ADDRESS.</returns>
    public FirmwareStatus GctxCreate(PhysicalAddress page) => GctxCreate(page.Value);

    /// <inheritdoc cref="GctxCreate(PhysicalAddress)"/>
    public FirmwareStatus GctxCreate(ulong page)
    {
        if (!IsPage(page)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = Find(page, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (found.State != PageState.Firmware) return FirmwareStatus.InvalidPageState;
        if (found.Size != PageSize.Size4K) return FirmwareStatus.InvalidPageSize;
        if (!IsInDram(found.Address, PageSize.Size4K.Bytes())) return FirmwareStatus.InvalidConfig;
        status = CheckAddress(found.Address, PageSize.Size4K.Bytes());
        if (status != FirmwareStatus.Success) return status;
        _contents.SetContext(found.Address, default);
        Write(found, cleared: 0, RmpEntry.VmsaMask);
        return FirmwareStatus.Success;
    }

    /// <summary>SNP_DECOMMISSION (0x90): Context → Firmware, whatever the size; an ASID of the guest is released.</summary>
    /// <param name="guestContext">The guest context page.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_ADDRESS or INVALID_CONFIG.</returns>
    /// <remarks>On a core complex where the guest has run the ASID becomes dirty, on the others clean. Of the page only what describes the
    /// guest itself is cleared: whether it was a migration image, its migration agent and the root metadata entry stay until the next
    /// SNP_GCTX_CREATE.</remarks>
    public FirmwareStatus Decommission(PhysicalAddress guestContext) => Decommission(guestContext.Value);

    /// <inheritdoc cref="Decommission(PhysicalAddress)"/>
    public FirmwareStatus Decommission(ulong guestContext)
    {
        if (!IsPage(guestContext)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindGuest(guestContext, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        status = Map(found, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.IsBound) Release(guest);
        if (guest.State != GuestState.Init) _platform = _platform with { Guests = _platform.Guests - 1 };
        _contents.SetContext(
            found.Address,
            new GuestContext { IsMigrationImage = guest.IsMigrationImage, MigrationAgent = guest.MigrationAgent, Root = guest.Root });
        Write(found, RmpEntry.VmsaMask, set: 0);
        return FirmwareStatus.Success;
    }

    /// <summary>Takes a guest's ASID away.</summary>
    private void Release(in GuestContext guest)
    {
        if (!_asids.IsAsid(guest.Asid)) return;
        ref AsidState state = ref _asids[guest.Asid];
        _platform = _platform with { FlushedCoreComplexes = (ushort)(_platform.FlushedCoreComplexes & ~state.Used) };
        int used = state.Used & guest.CoreComplexes;
        int allocated = state.Allocated & guest.CoreComplexes;
        state = new AsidState(
            (ushort)(state.Dirty | used), (ushort)(state.Clean | allocated), (ushort)(state.Allocated & ~allocated),
            (ushort)(state.Used & ~used));
    }
}
