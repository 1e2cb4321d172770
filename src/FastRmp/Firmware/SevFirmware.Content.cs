namespace FastRmp.Firmware;

/// <content>Commands that read or write content and change no entry: SNP_GUEST_STATUS, SNP_DBG_DECRYPT, SNP_DBG_ENCRYPT,
/// SNP_GUEST_REQUEST. Their tests only: the content is the caller's.</content>
/// <remarks>Source: AMD SEV firmware, sev_mcmd.c; docs/spec/rmp.md 13.7.</remarks>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>How many bytes SNP_GUEST_STATUS writes.</summary>
    internal const int GuestStatusBytes = 32;

    /// <summary>How many bytes SNP_PLATFORM_STATUS writes.</summary>
    internal const int PlatformStatusBytes = 32;

    /// <summary>SNP_GUEST_STATUS (0x92).</summary>
    /// <param name="guestContext">The guest context page.</param>
    /// <param name="status">Where the status shall go, 32 bytes in one page.</param>
    /// <param name="guest">The guest.</param>
    internal FirmwareStatus GuestStatus(ulong guestContext, ulong status, out GuestContext guest)
    {
        guest = default;
        if (!IsPage(guestContext) || !FitsPage(status, GuestStatusBytes)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus found = FindGuest(guestContext, out FirmwarePage context);
        if (found == FirmwareStatus.Success) found = TestWritten(status);
        return found == FirmwareStatus.Success ? Map(context, out guest) : found;
    }

    /// <summary>SNP_DBG_DECRYPT (0xB0): 4 KiB of a guest's page come to a Firmware page.</summary>
    internal FirmwareStatus DebugDecrypt(ulong guestContext, ulong source, ulong destination)
    {
        if (!IsPage(guestContext) || !IsPage(source) || !IsPage(destination)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindDebugged(
            guestContext, source, destination, out FirmwarePage context, out FirmwarePage from, out FirmwarePage to);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        bool isGuests = from.State is PageState.PreGuest or PageState.PreSwap or PageState.GuestInvalid or PageState.GuestValid;
        if (!isGuests || to.State != PageState.Firmware) return FirmwareStatus.InvalidPageState;
        status = TestDebugged(context, from);
        return status == FirmwareStatus.Success ? CheckBoth(Whole(from, source), Whole(to, destination), PageSize.Size4K.Bytes()) : status;
    }

    /// <summary>SNP_DBG_ENCRYPT (0xB1): 4 KiB come to a page that is being filled for a guest. The state of the source is not
    /// tested.</summary>
    internal FirmwareStatus DebugEncrypt(ulong guestContext, ulong source, ulong destination)
    {
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        if (!IsPage(guestContext) || !IsPage(source) || !IsPage(destination)) return FirmwareStatus.InvalidParam;
        FirmwareStatus status = FindDebugged(
            guestContext, source, destination, out FirmwarePage context, out FirmwarePage from, out FirmwarePage to);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        if (to.State is not (PageState.PreSwap or PageState.PreGuest)) return FirmwareStatus.InvalidPageState;
        status = TestDebugged(context, to);
        return status == FirmwareStatus.Success ? CheckBoth(Whole(from, source), Whole(to, destination), PageSize.Size4K.Bytes()) : status;
    }

    /// <summary>SNP_GUEST_REQUEST (0x94), up to its message.</summary>
    internal FirmwareStatus GuestRequest(ulong guestContext, ulong request, ulong response)
    {
        if (!IsPage(guestContext)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = Find(guestContext, out FirmwarePage context);
        FirmwarePage from = default;
        FirmwarePage to = default;
        if (status == FirmwareStatus.Success) status = Find(request, out from);
        if (status == FirmwareStatus.Success) status = Find(response, out to);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        if (to.State != PageState.Firmware) return FirmwareStatus.InvalidPageState;
        if (!from.HasSize(PageSize.Size4K) || !to.HasSize(PageSize.Size4K)) return FirmwareStatus.InvalidPageSize;
        status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        return guest.State == GuestState.Running ? FirmwareStatus.Success : FirmwareStatus.InvalidGuestState;
    }

    /// <summary>Whether bytes lie in one page of 4 KiB.</summary>
    internal static bool FitsPage(ulong address, int bytes) => (address & PageOffset) + (ulong)bytes <= PageSize.Size4K.Bytes();

    private FirmwareStatus FindDebugged(
        ulong guestContext, ulong source, ulong destination, out FirmwarePage context, out FirmwarePage from, out FirmwarePage to)
    {
        from = default;
        to = default;
        FirmwareStatus status = Find(guestContext, out context);
        if (status == FirmwareStatus.Success) status = Find(source, out from);
        if (status == FirmwareStatus.Success) status = Find(destination, out to);
        if (status == FirmwareStatus.Success) status = FindLarge(ref from);
        return status == FirmwareStatus.Success ? FindLarge(ref to) : status;
    }

    /// <summary>What looks like a page of 4 KiB that is nobody's may be part of one of 2 MiB, whose entry counts then.</summary>
    private FirmwareStatus FindLarge(ref FirmwarePage page)
    {
        if (!page.IsCovered || page.Size != PageSize.Size4K || page.Entry.Asid != 0) return FirmwareStatus.Success;
        FirmwareStatus status = Find(page.Address & ~LargePageOffset, out FirmwarePage large);
        if (status == FirmwareStatus.Success && large.Size == PageSize.Size2M) page = large;
        return status;
    }

    private FirmwareStatus TestDebugged(FirmwarePage context, FirmwarePage page)
    {
        FirmwareStatus status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (page.Entry.Asid != guest.Asid) return FirmwareStatus.InvalidPageOwner;
        if (!guest.Policy.DebuggingAllowed) return FirmwareStatus.PolicyFailure;
        return guest.IsBound ? FirmwareStatus.Success : FirmwareStatus.Inactive;
    }

    /// <summary>The 4 KiB that the command is about, whatever entry counts for them.</summary>
    private FirmwarePage Whole(FirmwarePage page, ulong address) => page with { Address = Strip(address) };
}
