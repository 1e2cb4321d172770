namespace FastRmp.Reference;

/// <summary>How a nested walk ended.</summary>
public enum ReferenceNestedOutcome
{
    /// <summary>The access is allowed and has a system physical address.</summary>
    Mapped = 0,

    /// <summary>#GP or #SS in the guest: the linear address is not canonical; nothing was walked.</summary>
    NonCanonical = 1,

    /// <summary>#PF in the guest, from the guest's tables.</summary>
    GuestPageFault = 2,

    /// <summary>#VMEXIT(NPF), from the nested tables.</summary>
    NestedPageFault = 3,

    /// <summary>#VMEXIT(NPF), from the RMP.</summary>
    RmpViolation = 4,

    /// <summary>#VC in the guest: a page that is not validated.</summary>
    NotValidated = 5,

    /// <summary>A table lies outside memory; no fault of the processor.</summary>
    OutsideMemory = 6,
}
