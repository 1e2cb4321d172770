namespace FastRmp;

/// <summary>How an instruction that is executed from its registers ended.</summary>
public enum InstructionStatus : byte
{
    /// <summary>It was executed: with a code in EAX, SUCCESS or one of the FAIL codes, or with CF alone (RMPOPT).</summary>
    Completed = 0,

    /// <summary>#UD: SNP is not enabled, the guest is not an SNP guest, the processor lacks the instruction or has not enabled it, or it is
    /// not in 64-bit mode (all but PVALIDATE).</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0): CPL is not 0, PVALIDATE at a VMPL other than 0, or an address that is not canonical.</summary>
    GeneralProtection = 2,

    /// <summary>#PF in the executing context: its own page tables refuse the address, or on the host the RMP does.</summary>
    PageFault = 3,

    /// <summary>#VMEXIT(NPF), in a guest: from the nested tables, from the RMP on the way, or from the instruction itself; EXITINFO1 says
    /// which.</summary>
    NestedPageFault = 4,

    /// <summary>#VC 0x404, in a guest: the page, or one that holds a table on the way, is not validated.</summary>
    NotValidated = 5,

    /// <summary>Not executed: an entry of a table, or a part of the operand, is outside the memory given.</summary>
    OutsideMemory = 6,

    /// <summary>Not executed: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit, or a quadword of
    /// RMPREAD's buffer each time it was to be written.</summary>
    Contended = 7,
}
