namespace FastRmp.Reference;

/// <summary>The bits of EXITINFO1 of a nested page fault, and the code of the #VC (rmp 6.4).</summary>
public static class ReferenceNestedFault
{
    /// <summary>P: the translation was there.</summary>
    public const ulong Present = 1UL << 0;

    /// <summary>W: a write.</summary>
    public const ulong Write = 1UL << 1;

    /// <summary>U: nested walks are user accesses.</summary>
    public const ulong User = 1UL << 2;

    /// <summary>I/D: a fetch.</summary>
    public const ulong Fetch = 1UL << 4;

    /// <summary>The RMP refused.</summary>
    public const ulong Rmp = 1UL << 31;

    /// <summary>On the final guest physical address.</summary>
    public const ulong Final = 1UL << 32;

    /// <summary>On an access to a guest page table.</summary>
    public const ulong Table = 1UL << 33;

    /// <summary>The access was private.</summary>
    public const ulong Encrypted = 1UL << 34;

    /// <summary>The sizes of an instruction and of the RMP differ.</summary>
    public const ulong SizeMismatch = 1UL << 35;

    /// <summary>The VMPL forbids it.</summary>
    public const ulong Vmpl = 1UL << 36;

    /// <summary>A supervisor shadow stack access.</summary>
    public const ulong ShadowStack = 1UL << 37;

    /// <summary>The #VC for a page that is not validated.</summary>
    public const ulong NotValidated = 0x404;

    /// <summary>The fault of PVALIDATE, RMPADJUST and RMPQUERY: neither final nor table.</summary>
    public const ulong OfInstruction = Present + User + Rmp + Encrypted;
}
