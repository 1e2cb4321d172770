namespace FastRmp.Paging;

/// <summary>How a guest's walk through nested tables ended.</summary>
public enum NestedWalkStatus : byte
{
    /// <summary>#PF in the guest: its own tables refuse the access.</summary>
    GuestPageFault = 0,

    /// <summary>At a page, and the access is allowed.</summary>
    Mapped = 1,

    /// <summary>Before it began: the guest virtual address is not canonical; #GP(0) or #SS(0) in the guest.</summary>
    NonCanonical = 2,

    /// <summary>#VMEXIT(NPF): the nested tables refuse the access.</summary>
    NestedPageFault = 3,

    /// <summary>#VMEXIT(NPF): the RMP refuses the access, or the walker's writing of a nested table.</summary>
    RmpViolation = 4,

    /// <summary>#VC 0x404 in the guest: the page is not validated.</summary>
    NotValidated = 5,

    /// <summary>At an entry, of either tables, that the memory does not hold.</summary>
    OutsideMemory = 6,

    /// <summary>Nowhere: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit, or translations were
    /// invalidated during each walk of a translation cache. Make the access again.</summary>
    Contended = 7,
}
