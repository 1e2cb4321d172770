using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_LAUNCH_UPDATE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_LAUNCH_UPDATE (0xA1): Pre-Guest → Guest-Valid.</summary>
    /// <param name="page">The page.</param>
    /// <param name="size">Its size in the RMP.</param>
    /// <param name="parameters">What it becomes; guest address, ASID and the mask of VMPL0 stay.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE (a VM save area of 2 MiB, too), INVALID_PAGE_STATE or INVALID_PARAM (reserved bits of a mask).</returns>
    public FirmwareStatus LaunchUpdate(PhysicalAddress page, PageSize size, LaunchUpdateParameters parameters)
    {
        FirmwareStatus status = Find(page, size, PageState.PreGuest, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        if (parameters.IsVmsa && size != PageSize.Size4K) return FirmwareStatus.InvalidPageSize;
        if (HasReservedBits(parameters.Vmpl1Permissions | parameters.Vmpl2Permissions | parameters.Vmpl3Permissions)) return FirmwareStatus.InvalidParam;
        RmpEntry next = GivenBack(found.Entry, isValidated: true)
            .WithVmsa(parameters.IsVmsa)
            .WithVmpl1Permissions(parameters.Vmpl1Permissions)
            .WithVmpl2Permissions(parameters.Vmpl2Permissions)
            .WithVmpl3Permissions(parameters.Vmpl3Permissions);
        return Write(found, next);
    }
}
