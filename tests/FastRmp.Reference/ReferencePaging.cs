namespace FastRmp.Reference;

/// <summary>
/// The processor state that a page walk depends on (paging 1), a property for each register bit. The defaults are a 64-bit
/// kernel on AMD with all protections on but keys.
/// </summary>
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

    /// <summary>CR4.PKE: protection keys for user pages.</summary>
    public bool UserKeys { get; init; }

    /// <summary>PKRU: bit 2k is AD of key k, bit 2k + 1 is WD.</summary>
    public uint Pkru { get; init; }

    /// <summary>CR4.PKS: protection keys for supervisor pages; Intel only.</summary>
    public bool SupervisorKeys { get; init; }

    /// <summary>PKRS, laid out like PKRU.</summary>
    public uint Pkrs { get; init; }

    /// <summary>The number of physical address bits of the processor, 36 to 52.</summary>
    public int PhysicalWidth { get; init; } = 52;

    /// <summary>How many of them memory encryption takes away; without an <see cref="EncryptionBit"/> it takes none.</summary>
    public int WidthReduction { get; init; }

    /// <summary>M of paging 3.2 rule 1: the width after the reduction.</summary>
    public int UsableWidth => EncryptionBit is null ? PhysicalWidth : PhysicalWidth - WidthReduction;

    /// <summary>The position of the C-bit, or null without memory encryption (paging 7).</summary>
    public int? EncryptionBit { get; init; }

    /// <summary>Whether 1 GiB pages exist (paging 3.2 rule 4).</summary>
    public bool Has1GPages { get; init; } = true;

    /// <summary>Whether bit 8 of the two top levels is reserved, as it is on AMD (paging 3.2 rule 3).</summary>
    public bool TopBit8Reserved { get; init; } = true;

    /// <summary>Whether bit 8 of a PML5E is reserved where that of a PML4E is: the DECISION of paging 3.1 (a).</summary>
    public bool Pml5Bit8Reserved { get; init; } = true;

    /// <summary>CR4.CET: shadow-stack accesses exist (paging 4). Without, one is what it would be as a plain read or write.</summary>
    public bool ShadowStacks { get; init; }

    /// <summary>Whether a walk that faults sets no bit at all, also not A of the entries it passed: the other half of what paging 5
    /// allows.</summary>
    public bool FaultingWalksMarkNothing { get; init; }

    /// <summary>
    /// Whether a faulting fetch is reported as one with CR4.SMEP alone, without EFER.NXE: Intel does so, and so do
    /// QEMU and Bochs; AMD's manual defines the bit with NXE only, but for nested faults (paging 8.4).
    /// </summary>
    public bool ReportsFetchWithSmepAlone { get; init; }
}
