namespace FastRmp.Reference;

/// <summary>The properties of a processor that the rules ask for. The defaults are those of a Genoa (rmp 2.2).</summary>
public sealed record ReferenceProcessor
{
    /// <summary>Zen 3. That it has neither RMPQUERY nor SSS was taught by CPUID words of an EPYC 7313 (rmp 1.1).</summary>
    public static ReferenceProcessor Milan { get; } = new()
    {
        GpaMask = 0x0000_FFFF_FFFF_FFFFUL,
        MaxAsid = 509,
        PhysicalWidth = 48,
        HasLa57 = false,
        HasRmpQuery = false,
        FullVmpl0Mask = 0x0F,
    };

    /// <summary>Zen 4.</summary>
    public static ReferenceProcessor Genoa { get; } = new();

    /// <summary>Zen 5: RMPREAD and a segmented RMP; in-use pages of the host may be written.</summary>
    public static ReferenceProcessor Turin { get; } = new()
    {
        HasRmpRead = true,
        HasSegmentedRmp = true,
        HvInUseWriteAllowed = true,
        HasInUseErratum = false,
    };

    /// <summary>The generation after Zen 5: RMPOPT besides.</summary>
    public static ReferenceProcessor Venice { get; } = Turin with { HasRmpOpt = true };

    /// <summary>The system-physical-address mask that is applied to a guest physical address before it is stored (rmp 2.2).</summary>
    public ulong GpaMask { get; init; } = 0x000F_FFFF_FFFF_FFFFUL;

    /// <summary>The largest ASID that RMPUPDATE accepts; at most 0x3FD (rmp 2.1, 4.3 step 2).</summary>
    public uint MaxAsid { get; init; } = 1006;

    /// <summary>The VMPL0 mask of a freshly assigned page: 0x1F with supervisor shadow stacks, otherwise 0x0F (rmp 2.6).</summary>
    public byte FullVmpl0Mask { get; init; } = 0x1F;

    /// <summary>The number of physical address bits after the reduction by memory encryption (paging 3.2 rule 1).</summary>
    public int PhysicalWidth { get; init; } = 52;

    /// <summary>Whether 1 GiB pages exist (paging 3.2 rule 4).</summary>
    public bool Has1GPages { get; init; } = true;

    /// <summary>Whether 5-level paging exists.</summary>
    public bool HasLa57 { get; init; } = true;

    /// <summary>Whether RMPQUERY exists (rmp 4.7).</summary>
    public bool HasRmpQuery { get; init; } = true;

    /// <summary>Whether RMPREAD exists (rmp 4.8).</summary>
    public bool HasRmpRead { get; init; }

    /// <summary>Whether RMPOPT exists (rmp 8).</summary>
    public bool HasRmpOpt { get; init; }

    /// <summary>Whether the RMP can be segmented (rmp 1.4).</summary>
    public bool HasSegmentedRmp { get; init; }

    /// <summary>The smallest exponent of a segment's size in bytes (rmp 1.4).</summary>
    public int SmallestSegmentShift { get; init; } = 30;

    /// <summary>The largest exponent of a segment's size in bytes (rmp 1.4).</summary>
    public int LargestSegmentShift { get; init; } = 52;

    /// <summary>How many segments can be defined (rmp 1.4).</summary>
    public int SegmentLimit { get; init; } = 512;

    /// <summary>Whether the host may write its own pages while they are in use (rmp 7).</summary>
    public bool HvInUseWriteAllowed { get; init; }

    /// <summary>Whether an in-use page that is 2 MiB-aligned spoils its region for large mappings (rmp 7).</summary>
    public bool HasInUseErratum { get; init; } = true;
}
