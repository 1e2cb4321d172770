namespace FastRmp;

/// <summary>The exception that an RMP instruction raises instead of returning a code.</summary>
public enum RmpFault : byte
{
    /// <summary>None: the instruction completed with a code.</summary>
    None = 0,

    /// <summary>#UD: not in 64-bit mode, SNP is not enabled, or the processor or the guest does not have the instruction.</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0): CPL is not 0, or PVALIDATE at a VMPL other than 0.</summary>
    GeneralProtection = 2,

    /// <summary>#VMEXIT(NPF): the page is not the guest's, or its size does not fit.</summary>
    NestedPageFault = 3,

    /// <summary>#VC 0x404, PAGE_NOT_VALIDATED.</summary>
    PageNotValidated = 4,
}
