using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_GCTX_CREATE, SNP_DECOMMISSION, SNP_ACTIVATE: a guest's context page, and its ASID.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_GCTX_CREATE (0x93): Firmware → Context.</summary>
    /// <param name="page">The page, 4 KiB.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus GctxCreate(PhysicalAddress page)
    {
        FirmwareStatus status = Find(page, PageSize.Size4K, PageState.Firmware, out FirmwarePage found);
        return status == FirmwareStatus.Success ? Write(found, FirmwareRow.Context) : status;
    }

    /// <summary>SNP_DECOMMISSION (0x90): Context → Firmware.</summary>
    /// <param name="page">The guest context page.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ADDRESS, INVALID_PAGE_SIZE or INVALID_PAGE_STATE.</returns>
    public FirmwareStatus Decommission(PhysicalAddress page)
    {
        FirmwareStatus status = Find(page, PageSize.Size4K, PageState.Context, out FirmwarePage found);
        return status == FirmwareStatus.Success ? Write(found, FirmwareRow.Firmware) : status;
    }

    /// <summary>SNP_ACTIVATE (0x91) and SNP_ACTIVATE_EX (0x95), the test of the counter: no page may be assigned to the ASID any more. Changes nothing.</summary>
    /// <param name="asid">The ASID.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ASID or ASID_OWNED.</returns>
    public FirmwareStatus Activate(uint asid)
    {
        FirmwareStatus status = CheckAsid(asid);
        return status == FirmwareStatus.Success ? CheckCounter(asid) : status;
    }

    /// <summary>As <see cref="Activate(uint)"/>, for a guest.</summary>
    /// <param name="asid">The ASID.</param>
    /// <param name="guestContext">Any address in the guest context page.</param>
    /// <returns>SUCCESS, INVALID_CONFIG, INVALID_ASID, INVALID_GUEST (the page is no Context) or ASID_OWNED.</returns>
    public FirmwareStatus Activate(uint asid, PhysicalAddress guestContext)
    {
        FirmwareStatus status = CheckAsid(asid);
        if (status != FirmwareStatus.Success) return status;
        return IsContext(guestContext) ? CheckCounter(asid) : FirmwareStatus.InvalidGuest;
    }

    private FirmwareStatus CheckAsid(uint asid)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        return asid == 0 || asid > Table.Processor.MaxAsid ? FirmwareStatus.InvalidAsid : FirmwareStatus.Success;
    }

    private FirmwareStatus CheckCounter(uint asid) => Table.AssignedPages(asid) == 0 ? FirmwareStatus.Success : FirmwareStatus.AsidOwned;
}
