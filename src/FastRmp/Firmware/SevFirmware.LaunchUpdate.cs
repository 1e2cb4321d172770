namespace FastRmp.Firmware;

/// <content>SNP_LAUNCH_UPDATE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_LAUNCH_UPDATE (0xA1): Pre-Guest → Guest-Valid.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_PAGE_SIZE, INVALID_ADDRESS,
    /// INVALID_CONFIG, INVALID_GUEST_STATE, INACTIVE or INVALID_PAGE_OWNER.</returns>
    /// <remarks>Guest address, ASID and the mask of VMPL0 stay; VMSA is set for a page of that type, and else stays as it is.</remarks>
    public FirmwareStatus LaunchUpdate(in LaunchParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Page) || !IsRmpSize(parameters.Size))
        {
            return FirmwareStatus.InvalidParam;
        }

        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindGuest(parameters.GuestContext, out FirmwarePage context);
        if (status != FirmwareStatus.Success) return status;
        status = Find(parameters.Page, out FirmwarePage page);
        if (status == FirmwareStatus.Success) status = TestLaunched(parameters, page);
        if (status != FirmwareStatus.Success) return status;
        status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State != GuestState.Launch) return FirmwareStatus.InvalidGuestState;
        if (!guest.IsBound) return FirmwareStatus.Inactive;
        if (page.Entry.Asid != guest.Asid) return FirmwareStatus.InvalidPageOwner;
        if (guest.IsMigrationImage && !parameters.IsMigrationImage) return FirmwareStatus.InvalidParam;
        status = CheckAddress(page.Address, parameters.Size.Bytes());
        if (status != FirmwareStatus.Success) return status;
        RmpEntry next = GivenBack(page.Entry) with
        {
            Validated = true,
            Vmpl1Permissions = parameters.Vmpl1Permissions,
            Vmpl2Permissions = parameters.Vmpl2Permissions,
            Vmpl3Permissions = parameters.Vmpl3Permissions,
        };
        Write(page, parameters.Type == LaunchPageType.Vmsa ? next with { Vmsa = true } : next);
        return FirmwareStatus.Success;
    }

    /// <summary>The tests of the page that come before the guest's.</summary>
    private static FirmwareStatus TestLaunched(in LaunchParameters parameters, FirmwarePage page)
    {
        if (page.State != PageState.PreGuest) return FirmwareStatus.InvalidPageState;
        if (page.Size != parameters.Size) return FirmwareStatus.InvalidPageSize;
        bool isLarge = parameters.Size == PageSize.Size2M;
        if (isLarge && (page.Address & LargePageOffset) != 0) return FirmwareStatus.InvalidAddress;
        return parameters.Type switch
        {
            LaunchPageType.Normal or LaunchPageType.Zero or LaunchPageType.Unmeasured => FirmwareStatus.Success,
            LaunchPageType.Vmsa or LaunchPageType.Secrets or LaunchPageType.Cpuid =>
                isLarge ? FirmwareStatus.InvalidPageSize : FirmwareStatus.Success,
            _ => FirmwareStatus.InvalidParam,
        };
    }
}
