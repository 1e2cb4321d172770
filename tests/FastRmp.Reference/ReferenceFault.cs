namespace FastRmp.Reference;

/// <summary>What happens instead of a result: the exceptions and exits of instructions and accesses (rmp 4.3, 6.4).</summary>
public enum ReferenceFault
{
    /// <summary>No fault: the code counts.</summary>
    None = 0,

    /// <summary>#UD.</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0).</summary>
    GeneralProtection = 2,

    /// <summary>#VMEXIT(NPF), with EXITINFO1.</summary>
    NestedPageFault = 3,

    /// <summary>#VC in the guest, with its code.</summary>
    VmmCommunication = 4,
}
