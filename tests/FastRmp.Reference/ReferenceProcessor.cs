namespace FastRmp.Reference;

/// <summary>The properties of a processor that the rules ask for. The defaults are those of a Genoa (rmp 2.2).</summary>
public sealed record ReferenceProcessor
{
    /// <summary>The system-physical-address mask that is applied to a guest physical address before it is stored (rmp 2.2).</summary>
    public ulong GpaMask { get; init; } = 0x000F_FFFF_FFFF_FFFFUL;

    /// <summary>The largest ASID that RMPUPDATE accepts; below 0x3FF, which is firmware's lock value (rmp 2.1, 4.3 step 2).</summary>
    public uint MaxAsid { get; init; } = 1006;

    /// <summary>The VMPL0 mask of a freshly assigned page: 0x1F with supervisor shadow stacks, otherwise 0x0F (rmp 2.6).</summary>
    public byte FullVmpl0Mask { get; init; } = 0x1F;

    /// <summary>The number of physical address bits after the reduction by memory encryption (paging 3.2 rule 1).</summary>
    public int PhysicalWidth { get; init; } = 52;

    /// <summary>Whether 1 GiB pages exist (paging 3.2 rule 4).</summary>
    public bool Has1GPages { get; init; } = true;

    /// <summary>Whether 5-level paging exists.</summary>
    public bool HasLa57 { get; init; } = true;
}
