namespace FastRmp.Reference;

/// <summary>The processor state that a page walk depends on (paging 1). The defaults are a 64-bit kernel on AMD with all protections on.</summary>
public sealed record ReferencePaging
{
    /// <summary>CR3; only bits 51:12 count, without the C-bit.</summary>
    public ulong Cr3 { get; init; }

    /// <summary>4, or 5 with CR4.LA57.</summary>
    public int Levels { get; init; } = 4;

    /// <summary>EFER.NXE.</summary>
    public bool NoExecuteEnabled { get; init; } = true;

    /// <summary>CR0.WP.</summary>
    public bool WriteProtect { get; init; } = true;

    /// <summary>CR4.SMEP.</summary>
    public bool Smep { get; init; } = true;

    /// <summary>CR4.SMAP.</summary>
    public bool Smap { get; init; } = true;

    /// <summary>RFLAGS.AC, which with SMAP allows explicit supervisor access to user pages.</summary>
    public bool AccessUserAllowed { get; init; }

    /// <summary>The number of physical address bits M, after the reduction by memory encryption (paging 3.2 rule 1).</summary>
    public int PhysicalWidth { get; init; } = 52;

    /// <summary>The position of the C-bit, or null without memory encryption (paging 7).</summary>
    public int? EncryptionBit { get; init; }

    /// <summary>Whether 1 GiB pages exist (paging 3.2 rule 4).</summary>
    public bool Has1GPages { get; init; } = true;

    /// <summary>Whether bit 8 of the two top levels is reserved, as it is on AMD (paging 3.2 rule 3).</summary>
    public bool TopBit8Reserved { get; init; } = true;
}
