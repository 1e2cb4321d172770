namespace FastRmp.Access;

/// <summary>The pages that VMRUN checks and keeps in use until #VMEXIT.</summary>
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
}
