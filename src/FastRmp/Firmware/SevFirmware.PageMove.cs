using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_PAGE_MOVE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PAGE_MOVE (0xC2): the source's place in the guest goes to the destination. Pre-Guest → Guest-Invalid, or Guest-Valid if the source was Pre-Swap; the source → Guest-Invalid. Or Firmware → Metadata, the source Metadata → Firmware.</summary>
    /// <param name="source">The page to move: Pre-Guest, Pre-Swap or Metadata.</param>
    /// <param name="destination">Where to: Pre-Guest of the same guest, or Firmware for metadata.</param>
    /// <param name="size">Size of both in the RMP.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE, INVALID_PAGE_STATE, INVALID_PAGE_OWNER (another guest's) or INVALID_PARAM (source and destination are one).</returns>
    /// <remarks>The source goes first: at no time two pages of a guest are validated for one address.</remarks>
    public FirmwareStatus PageMove(PhysicalAddress source, PhysicalAddress destination, PageSize size)
    {
        FirmwareStatus status = Find(source, size, out FirmwarePage from);
        if (status != FirmwareStatus.Success) return status;
        PageState state = from.State;
        if (state == PageState.Metadata) return MoveMetadata(from, destination, size);
        if (state is not (PageState.PreGuest or PageState.PreSwap)) return FirmwareStatus.InvalidPageState;
        status = Find(destination, size, PageState.PreGuest, out FirmwarePage to);
        if (status != FirmwareStatus.Success) return status;
        if (to.Entry.Asid != from.Entry.Asid) return FirmwareStatus.InvalidPageOwner;
        return source == destination ? FirmwareStatus.InvalidParam : MoveGuestPage(from, to);
    }

    private FirmwareStatus MoveGuestPage(FirmwarePage from, FirmwarePage to)
    {
        RmpEntry old = from.Entry;
        RmpEntry left = GivenBack(old, isValidated: false).WithVmsa(false)
            .WithVmpl0Permissions(Table.Processor.FullVmpl0Permissions)
            .WithVmpl1Permissions(VmplPermissions.None)
            .WithVmpl2Permissions(VmplPermissions.None)
            .WithVmpl3Permissions(VmplPermissions.None);
        RmpEntry arrived = GivenBack(to.Entry, old.Validated).WithVmsa(old.Vmsa).WithGpa(old.Gpa)
            .WithVmpl0Permissions(old.Vmpl0Permissions)
            .WithVmpl1Permissions(old.Vmpl1Permissions)
            .WithVmpl2Permissions(old.Vmpl2Permissions)
            .WithVmpl3Permissions(old.Vmpl3Permissions);
        Write(from, left);
        return Write(to, arrived);
    }

    private FirmwareStatus MoveMetadata(FirmwarePage from, PhysicalAddress destination, PageSize size)
    {
        FirmwareStatus status = Find(destination, size, PageState.Firmware, out FirmwarePage to);
        if (status != FirmwareStatus.Success) return status;
        Write(from, FirmwareRow.Firmware);
        return Write(to, FirmwareRow.Firmware | (from.Entry.Low & RmpEntry.GpaMask));
    }
}
