using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_SWAP_OUT, SNP_SWAP_IN of guest pages.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_SWAP_OUT (0xC0): Pre-Guest or Pre-Swap → Pre-Guest, its content gone; Metadata → Firmware.</summary>
    /// <param name="page">The page.</param>
    /// <param name="size">Its size in the RMP.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus SwapOut(PhysicalAddress page, PageSize size)
    {
        FirmwareStatus status = Find(page, size, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        return found.State switch
        {
            PageState.PreGuest or PageState.PreSwap => Write(found, Held(found.Entry, isValidated: false)),
            PageState.Metadata => Write(found, FirmwareRow.Firmware),
            _ => FirmwareStatus.InvalidPageState,
        };
    }

    /// <summary>SNP_SWAP_IN (0xC1) of a guest page: Pre-Guest → Pre-Swap if it was validated, else it stays Pre-Guest.</summary>
    /// <param name="page">The page that the content comes into.</param>
    /// <param name="size">Its size in the RMP.</param>
    /// <param name="parameters">What the metadata says; the ASID stays.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS (the guest address, too), INVALID_PAGE_SIZE, INVALID_PAGE_STATE or INVALID_PARAM (reserved bits of a mask).</returns>
    public FirmwareStatus SwapIn(PhysicalAddress page, PageSize size, in SwapInParameters parameters)
    {
        FirmwareStatus status = Find(page, size, PageState.PreGuest, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (!parameters.Gpa.IsAligned(size)) return FirmwareStatus.InvalidAddress;
        VmplPermissions all = parameters.Vmpl0Permissions | parameters.Vmpl1Permissions | parameters.Vmpl2Permissions | parameters.Vmpl3Permissions;
        if (HasReservedBits(all)) return FirmwareStatus.InvalidParam;
        ulong stored = parameters.Gpa.Value & Table.Processor.GpaMask & RmpEntry.GpaMask;
        RmpEntry next = Held(found.Entry, parameters.IsValidated)
            .WithGpa(GuestPhysicalAddress.Truncate(stored))
            .WithVmsa(parameters.IsVmsa)
            .WithVmpl0Permissions(parameters.Vmpl0Permissions)
            .WithVmpl1Permissions(parameters.Vmpl1Permissions)
            .WithVmpl2Permissions(parameters.Vmpl2Permissions)
            .WithVmpl3Permissions(parameters.Vmpl3Permissions);
        return Write(found, next);
    }
}
