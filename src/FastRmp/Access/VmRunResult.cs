namespace FastRmp;

/// <summary>The result of VMRUN's check of a page.</summary>
public enum VmRunResult : byte
{
    /// <summary>The page may be used.</summary>
    Ok = 0,

    /// <summary>#GP(0): the VMCB, or the host's save area, is not hypervisor-owned.</summary>
    GeneralProtection = 1,

    /// <summary>VMEXIT_INVALID.</summary>
    Invalid = 2,

    /// <summary>Another processor held the entry: the page was neither checked nor marked as in use; try again. Hardware waits
    /// instead.</summary>
    Contended = 3,
}
