namespace FastRmp;

/// <summary>How an instruction of a guest ended that starts from a guest virtual address.</summary>
public enum GuestInstructionStatus : byte
{
    /// <summary>With a code in EAX: SUCCESS or one of the FAIL codes.</summary>
    Completed = 0,

    /// <summary>#UD: SNP is not enabled, the guest is no SNP guest, the processor lacks the instruction, or it is not in 64-bit mode (RMPADJUST, RMPQUERY).</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0): CPL is not 0, PVALIDATE at a VMPL other than 0, or an address that is not canonical.</summary>
    GeneralProtection = 2,

    /// <summary>#PF in the guest: its own tables refuse the address.</summary>
    GuestPageFault = 3,

    /// <summary>#VMEXIT(NPF): from the nested tables, from the RMP on the way, or from the instruction itself; EXITINFO1 tells which.</summary>
    NestedPageFault = 4,

    /// <summary>#VC 0x404 in the guest: the page, or one that holds a table on the way, is not validated.</summary>
    NotValidated = 5,

    /// <summary>Nowhere: an entry, of either tables, is outside the memory given.</summary>
    OutsideMemory = 6,

    /// <summary>Nowhere: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit.</summary>
    Contended = 7,
}
