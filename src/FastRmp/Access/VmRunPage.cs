namespace FastRmp;

/// <summary>The pages that VMRUN, WRMSR of VM_HSAVE_PA and VMSAVE check.</summary>
public enum VmRunPage : byte
{
    /// <summary>The virtual machine control block.</summary>
    Vmcb = 0,

    /// <summary>AVIC backing page.</summary>
    AvicBackingPage = 1,

    /// <summary>VM save area of a guest without SNP (SEV-ES).</summary>
    SharedVmsa = 2,

    /// <summary>VM save area of an SNP guest.</summary>
    SnpVmsa = 3,

    /// <summary>The host's save area: checked when VM_HSAVE_PA is written, and by VMSAVE on the host.</summary>
    HostSaveArea = 4,
}
