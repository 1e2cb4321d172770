namespace FastRmp.Firmware;

/// <content>SNP_PAGE_MOVE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_MOVE (0xC2): the source's place in the guest goes to the destination. Pre-Guest → Guest-Invalid, or Guest-Valid if
    /// the source was Pre-Swap; the source → Guest-Invalid. Or Firmware → Metadata, the source Metadata → Firmware.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_SIZE, INVALID_ADDRESS, INVALID_CONFIG,
    /// INVALID_GUEST_STATE, INACTIVE, INVALID_PAGE_STATE or INVALID_PAGE_OWNER.</returns>
    /// <remarks>Source and destination may be one page. The source goes first: at no time two pages of a guest are validated for one
    /// address.</remarks>
    public FirmwareStatus PageMove(in PageTransferParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Source) || !IsPage(parameters.Destination)
            || !IsRmpSize(parameters.Size))
        {
            return FirmwareStatus.InvalidParam;
        }

        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = Find(parameters.GuestContext, out FirmwarePage context);
        FirmwarePage source = default;
        FirmwarePage destination = default;
        if (status == FirmwareStatus.Success) status = Find(parameters.Source, out source);
        if (status == FirmwareStatus.Success) status = Find(parameters.Destination, out destination);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        if (!source.HasSize(parameters.Size) || !destination.HasSize(parameters.Size)) return FirmwareStatus.InvalidPageSize;
        status = MapBound(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        return (source.State, destination.State) switch
        {
            (PageState.PreGuest or PageState.PreSwap, PageState.PreGuest) => MoveGuestPage(guest, source, destination),
            (PageState.Metadata, PageState.Firmware) => MoveMetadata(context, source, destination),
            _ => FirmwareStatus.InvalidPageState,
        };
    }

    private FirmwareStatus MoveGuestPage(in GuestContext guest, FirmwarePage source, FirmwarePage destination)
    {
        if (source.Entry.Asid != guest.Asid || destination.Entry.Asid != guest.Asid) return FirmwareStatus.InvalidPageOwner;
        FirmwareStatus status = CheckCopied(source, destination);
        if (status != FirmwareStatus.Success) return status;
        const ulong Taken = RmpEntry.GpaMask | RmpEntry.VmsaMask | RmpEntry.ValidatedMask;
        RmpEntry left = GivenBack(source.Entry) with { Validated = false };
        RmpEntry arrived = GivenBack(new RmpEntry((destination.Entry.Low & ~Taken) | (source.Entry.Low & Taken), source.Entry.High));
        Write(source, left);
        Write(destination, arrived);
        return FirmwareStatus.Success;
    }

    private FirmwareStatus MoveMetadata(FirmwarePage context, FirmwarePage source, FirmwarePage destination)
    {
        if (source.MetadataOwner != (context.Address & PageStates.UntaggedGpaMask)) return FirmwareStatus.InvalidPageOwner;
        FirmwareStatus status = CheckCopied(source, destination);
        if (status != FirmwareStatus.Success) return status;
        Write(source, RmpEntry.GpaMask | RmpEntry.VmsaMask, set: 0);
        _contents.MoveMetadata(source.Address, destination.Address, source.Size.Pages());
        WriteMetadata(destination, context.Address);
        return FirmwareStatus.Success;
    }

    /// <summary>The tests of the addresses, when the content is copied from page to page.</summary>
    /// <returns>SUCCESS; INVALID_PARAM if a page lies across a 64 MiB boundary, which takes a 2 MiB page in an unaligned place; else as
    /// <see cref="CheckAddress"/>.</returns>
    /// <remarks>Source: AMD SEV firmware, x86_copy.c, x86_copy.</remarks>
    private FirmwareStatus CheckCopied(FirmwarePage source, FirmwarePage destination)
    {
        ulong bytes = source.Size.Bytes();
        return IsSplit(source.Address, bytes) || IsSplit(destination.Address, bytes)
            ? FirmwareStatus.InvalidParam
            : CheckBoth(source, destination, bytes);
    }

    /// <summary>Whether bytes lie in more than one of the 64 MiB windows through which firmware sees memory.</summary>
    private static bool IsSplit(ulong address, ulong bytes)
    {
        const int WindowShift = 26;
        return (address ^ (address + bytes - 1)) >> WindowShift != 0;
    }

    /// <summary>A page becomes a guest's metadata page.</summary>
    private void WriteMetadata(FirmwarePage page, ulong context) =>
        Write(page, RmpEntry.GpaMask, PageStates.MetadataTag | (context & RmpEntry.GpaMask));
}
