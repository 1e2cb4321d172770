using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_SWAP_OUT, SNP_SWAP_IN.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_SWAP_OUT (0xC0): Pre-Guest or Pre-Swap → Pre-Guest, its content gone; Metadata → Firmware. The metadata entry says what the page was.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_PAGE_OWNER, INVALID_PAGE_SIZE, INVALID_ADDRESS, INVALID_CONFIG, INVALID_GUEST_STATE, INACTIVE or AEAD_OFLOW.</returns>
    /// <remarks>An initialisation vector is used up as soon as the tests of the states are passed, also if an address is refused then.</remarks>
    public FirmwareStatus SwapOut(in SwapOutParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Source) || !IsPage(parameters.Destination) || !IsRmpSize(parameters.Size)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindSwapped(parameters.GuestContext, parameters.Source, parameters.Destination, out FirmwarePage context, out FirmwarePage source, out FirmwarePage destination);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        ulong bytes = parameters.Size.Bytes();
        status = FindMetadata(parameters.Metadata, parameters.IsRoot, context, source, destination, bytes, out FirmwarePage metadata);
        if (status != FirmwareStatus.Success) return status;
        if (!source.HasSize(parameters.Size) || !destination.HasSize(parameters.Size)) return FirmwareStatus.InvalidPageSize;
        status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State is not (GuestState.Launch or GuestState.Running)) return FirmwareStatus.InvalidGuestState;
        if (!guest.IsBound) return FirmwareStatus.Inactive;
        status = TestSwappedOut(parameters, guest, context, source, destination);
        if (status != FirmwareStatus.Success) return status;
        if (guest.IvCount == MaxIvCount) return FirmwareStatus.AeadOverflow;
        guest = guest with { IvCount = guest.IvCount + 1 };
        _contents.SetContext(context.Address, guest);
        status = CheckAddress(source.Address, bytes);
        if (status == FirmwareStatus.Success) status = CheckAddress(destination.Address, bytes);
        if (status != FirmwareStatus.Success) return status;
        SwapOut(parameters, guest, context, source, metadata);
        return FirmwareStatus.Success;
    }

    /// <summary>SNP_SWAP_IN (0xC1): Pre-Guest → Pre-Swap if the metadata entry says that the page was validated, else it stays Pre-Guest; or Firmware → Metadata.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_PAGE_STATE, INVALID_PAGE_OWNER, INVALID_GUEST_STATE, INACTIVE, INVALID_MDATA_ENTRY, INVALID_PAGE_SIZE, INVALID_ADDRESS or INVALID_CONFIG.</returns>
    /// <remarks>The state of the source is not tested. The metadata entry is no longer valid afterwards.</remarks>
    public FirmwareStatus SwapIn(in SwapInParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.Source) || !IsPage(parameters.Destination) || !IsRmpSize(parameters.Size)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindSwapped(parameters.GuestContext, parameters.Source, parameters.Destination, out FirmwarePage context, out FirmwarePage source, out FirmwarePage destination);
        if (status != FirmwareStatus.Success) return status;
        if (context.State != PageState.Context) return FirmwareStatus.InvalidGuest;
        ulong bytes = parameters.Size.Bytes();
        status = FindMetadata(parameters.Metadata, parameters.IsRoot, context, source, destination, bytes, out FirmwarePage metadata);
        if (status != FirmwareStatus.Success) return status;
        status = Map(context, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State is not (GuestState.Launch or GuestState.Running)) return FirmwareStatus.InvalidGuestState;
        if (!guest.IsBound) return FirmwareStatus.Inactive;
        MetadataEntry entry = parameters.IsRoot ? guest.Root : _contents.Metadata(metadata.Address);
        if (!entry.IsValid || !IsOfType(entry, parameters.Type)) return FirmwareStatus.InvalidMetadataEntry;
        if (!source.HasSize(parameters.Size) || !destination.HasSize(parameters.Size) || entry.Size != parameters.Size) return FirmwareStatus.InvalidPageSize;
        status = TestSwappedIn(parameters, guest, destination);
        if (status == FirmwareStatus.Success) status = CheckAddress(source.Address, bytes);
        if (status == FirmwareStatus.Success) status = CheckAddress(destination.Address, bytes);
        if (status != FirmwareStatus.Success) return status;
        SwapIn(parameters, entry, guest, context, destination, metadata);
        return FirmwareStatus.Success;
    }

    /// <summary>The count of initialisation vectors with which no more is given.</summary>
    private const ulong MaxIvCount = ulong.MaxValue - 1;

    /// <summary>What stands for the guest page of a metadata page: 52 ones.</summary>
    private const ulong NoGuestPage = (1UL << 52) - 1;

    /// <summary>Looks the three pages of a swap up before anything else is tested.</summary>
    private FirmwareStatus FindSwapped(ulong guestContext, ulong from, ulong to, out FirmwarePage context, out FirmwarePage source, out FirmwarePage destination)
    {
        source = default;
        destination = default;
        FirmwareStatus status = Find(guestContext, out context);
        if (status == FirmwareStatus.Success) status = Find(from, out source);
        if (status == FirmwareStatus.Success) status = Find(to, out destination);
        return status;
    }

    private static FirmwareStatus TestSwappedOut(in SwapOutParameters parameters, in GuestContext guest, FirmwarePage context, FirmwarePage source, FirmwarePage destination)
    {
        bool isKind = parameters.Type switch
        {
            SwapPageType.Data or SwapPageType.Vmsa => source.State is PageState.PreGuest or PageState.PreSwap,
            SwapPageType.Metadata => source.State == PageState.Metadata,
            _ => false,
        };
        if (!isKind || destination.State is not (PageState.Firmware or PageState.Default)) return FirmwareStatus.InvalidPageState;
        bool isOwner = parameters.Type == SwapPageType.Metadata
            ? source.MetadataOwner == (context.Address & PageStates.UntaggedGpaMask)
            : source.Entry.Asid == guest.Asid;
        return isOwner ? FirmwareStatus.Success : FirmwareStatus.InvalidPageOwner;
    }

    private void SwapOut(in SwapOutParameters parameters, in GuestContext guest, FirmwarePage context, FirmwarePage source, FirmwarePage metadata)
    {
        RmpEntry entry = source.Entry;
        bool isMetadata = parameters.Type == SwapPageType.Metadata;
        MetadataEntry kept = new()
        {
            SoftwareData = parameters.SoftwareData,
            Iv = guest.IvCount - 1,
            IsValid = true,
            IsValidated = entry.Validated,
            IsVmsa = parameters.Type == SwapPageType.Vmsa,
            IsMetadata = isMetadata,
            Size = parameters.Size,
            GuestPage = isMetadata ? NoGuestPage : GuestPageOf(entry),
            Permissions = isMetadata ? 0 : entry.High,
        };
        if (parameters.IsRoot) _contents.SetContext(context.Address, guest with { Root = kept });
        else _contents.SetMetadata(metadata.Address, kept);
        Write(source, isMetadata ? RmpEntry.GpaMask | RmpEntry.VmsaMask : RmpEntry.ValidatedMask, set: 0);
    }

    private static bool IsOfType(in MetadataEntry entry, SwapPageType type) => type switch
    {
        SwapPageType.Data => !entry.IsMetadata && !entry.IsVmsa,
        SwapPageType.Metadata => entry.IsMetadata && !entry.IsVmsa,
        SwapPageType.Vmsa => entry.IsVmsa && !entry.IsMetadata,
        _ => false,
    };

    private static FirmwareStatus TestSwappedIn(in SwapInParameters parameters, in GuestContext guest, FirmwarePage destination)
    {
        switch (parameters.Type)
        {
            case SwapPageType.Metadata:
                if (parameters.IsInPlace) return FirmwareStatus.InvalidParam;
                return destination.State == PageState.Firmware ? FirmwareStatus.Success : FirmwareStatus.InvalidPageState;
            case SwapPageType.Vmsa:
                if (parameters.IsInPlace) return FirmwareStatus.InvalidParam;
                if (parameters.Size != PageSize.Size4K) return FirmwareStatus.InvalidPageSize;
                break;
            default:
                break;
        }

        // In place the addresses are compared before the state, and as they stand in the command: a C-bit counts.
        if (parameters.IsInPlace && parameters.Source != parameters.Destination) return FirmwareStatus.InvalidAddress;
        if (destination.State != PageState.PreGuest) return FirmwareStatus.InvalidPageState;
        return destination.Entry.Asid == guest.Asid ? FirmwareStatus.Success : FirmwareStatus.InvalidPageOwner;
    }

    private void SwapIn(in SwapInParameters parameters, in MetadataEntry entry, GuestContext guest, FirmwarePage context, FirmwarePage destination, FirmwarePage metadata)
    {
        MetadataEntry used = entry with { IsValid = false };
        if (parameters.IsRoot) _contents.SetContext(context.Address, guest with { Root = used });
        else _contents.SetMetadata(metadata.Address, used);
        if (parameters.Type == SwapPageType.Metadata)
        {
            WriteMetadata(destination, context.Address);
            return;
        }

        const ulong Replaced = RmpEntry.GpaMask | RmpEntry.VmsaMask | RmpEntry.ValidatedMask;
        ulong low = (destination.Entry.Low & ~Replaced) | ((entry.GuestPage << RmpEntry.GpaShift) & RmpEntry.GpaMask);
        Write(destination, new RmpEntry(low, entry.Permissions).WithVmsa(entry.IsVmsa).WithValidated(entry.IsValidated));
    }
}
