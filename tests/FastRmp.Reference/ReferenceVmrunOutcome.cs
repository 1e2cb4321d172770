namespace FastRmp.Reference;

/// <summary>What VMRUN's page checks come to (rmp 7).</summary>
public enum ReferenceVmrunOutcome
{
    /// <summary>All pages are as they have to be.</summary>
    Entered = 0,

    /// <summary>#GP(0).</summary>
    GeneralProtection = 1,

    /// <summary>VMEXIT_INVALID.</summary>
    Invalid = 2,
}
