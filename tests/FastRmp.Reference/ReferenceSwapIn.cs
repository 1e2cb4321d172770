namespace FastRmp.Reference;

/// <summary>What the metadata of a swapped-out guest page says (rmp 3.1, SNP_SWAP_IN).</summary>
public sealed record ReferenceSwapIn
{
    /// <summary>The guest physical address.</summary>
    public ulong Gpa { get; init; }

    /// <summary>Whether the page was validated.</summary>
    public bool Validated { get; init; }

    /// <summary>Whether it was a VMSA page.</summary>
    public bool Vmsa { get; init; }

    /// <summary>Permissions of VMPL0.</summary>
    public byte Mask0 { get; init; }

    /// <summary>Permissions of VMPL1.</summary>
    public byte Mask1 { get; init; }

    /// <summary>Permissions of VMPL2.</summary>
    public byte Mask2 { get; init; }

    /// <summary>Permissions of VMPL3.</summary>
    public byte Mask3 { get; init; }
}
