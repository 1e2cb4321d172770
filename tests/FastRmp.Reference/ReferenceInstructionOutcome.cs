namespace FastRmp.Reference;

/// <summary>How a guest's instruction ended that began with a guest virtual address (rmp 4.5 to 4.7).</summary>
public enum ReferenceInstructionOutcome
{
    /// <summary>EAX holds a code.</summary>
    Completed = 0,

    /// <summary>#UD.</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0).</summary>
    GeneralProtection = 2,

    /// <summary>#PF in the guest.</summary>
    GuestPageFault = 3,

    /// <summary>#VMEXIT(NPF).</summary>
    NestedPageFault = 4,

    /// <summary>#VC in the guest.</summary>
    NotValidated = 5,

    /// <summary>A table lies outside memory; no fault of the processor.</summary>
    OutsideMemory = 6,
}
