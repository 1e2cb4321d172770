using System;

namespace FastRmp.Reference;

/// <content>The checks of devices, the IOMMU, firmware and VMRUN (rmp 6.2, 7).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>DMA by a device, read or write: Hypervisor-Owned.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <param name="mappingSize">The size of the IOMMU's mapping.</param>
    /// <returns>Whether it is allowed.</returns>
    public bool DeviceMayAccess(ulong spa, ReferencePageSize mappingSize) => HostMayWrite(spa, mappingSize);

    /// <summary>A write of the IOMMU into its own logs: the page must be Firmware-IOMMU.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>Whether it is allowed.</returns>
    public bool IommuMayLog(ulong spa) => StateOf(spa) == ReferencePageState.FirmwareIommu;

    /// <summary>A write of firmware into a command's buffer: the page must be Firmware or not covered (rmp 3.1).</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>Whether it is allowed.</returns>
    public bool FirmwareMayWrite(ulong spa) => StateOf(spa) is ReferencePageState.Firmware or ReferencePageState.Default;

    /// <summary>The page checks of VMRUN, each as a 4 KiB access. Nothing is marked as in use.</summary>
    /// <param name="pages">The pages.</param>
    /// <returns>The first failure, or that there is none.</returns>
    public ReferenceVmrunOutcome CheckVmrun(ReferenceVmrun pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        if (!HostMayWrite(pages.Vmcb, ReferencePageSize.Size4K)) return ReferenceVmrunOutcome.GeneralProtection;
        if (pages.AvicBacking is ulong avic && !HostMayWrite(avic, ReferencePageSize.Size4K)) return ReferenceVmrunOutcome.Invalid;
        if (pages.Vmsa is not ulong vmsa) return ReferenceVmrunOutcome.Entered;

        bool fits = pages.IsSnpGuest ? IsVmsaOf(vmsa, pages) : HostMayWrite(vmsa, ReferencePageSize.Size4K);
        return fits ? ReferenceVmrunOutcome.Entered : ReferenceVmrunOutcome.Invalid;
    }

    /// <summary>WRMSR of VM_HSAVE_PA, or VMSAVE by the host: #GP(0) unless the page is the host's.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>None or #GP(0).</returns>
    public ReferenceFault CheckHostSaveArea(ulong spa) =>
        HostMayWrite(spa, ReferencePageSize.Size4K) ? ReferenceFault.None : ReferenceFault.GeneralProtection;

    // RMP-Covered, Guest-Owned, Reverse-Map, Mutable, VMSA = 1; neither Page-Size nor Validated are on the list.
    private bool IsVmsaOf(ulong vmsa, ReferenceVmrun pages)
    {
        if (!Geometry.IsCovered(vmsa)) return false;
        ReferenceEntry entry = Peek(vmsa);
        return IsMutablePageOf(entry, pages.Asid, pages.VmsaGpa) && entry.Vmsa;
    }
}
