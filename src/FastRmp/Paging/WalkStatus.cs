namespace FastRmp.Paging;

/// <summary>How a walk ended.</summary>
public enum WalkStatus : byte
{
    /// <summary>At an entry that is not present: #PF with P = 0.</summary>
    NotPresent = 0,

    /// <summary>At a page, and the access is allowed.</summary>
    Mapped = 1,

    /// <summary>At a present entry with a reserved bit set: #PF with P = 1, RSV = 1.</summary>
    MalformedEntry = 2,

    /// <summary>At a page that the access has no right to: #PF with P = 1, and PK = 1 if a protection key forbids it.</summary>
    RightsViolation = 3,

    /// <summary>At a failed RMP check, of the page or of a paging structure that the walker wanted to write: #PF with P = 1, RMP =
    /// 1.</summary>
    RmpViolation = 4,

    /// <summary>Before it began: the address is not canonical; #GP(0) or #SS(0), no page fault.</summary>
    NonCanonical = 5,

    /// <summary>At an entry that the memory does not hold: no paging matter, but the end of an image or a damaged table.</summary>
    OutsideMemory = 6,

    /// <summary>Nowhere: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit, or translations were
    /// invalidated during each walk of a translation cache. Make the access again.</summary>
    Contended = 7,
}
