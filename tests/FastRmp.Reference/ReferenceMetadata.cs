namespace FastRmp.Reference;

/// <summary>A metadata entry of 64 bytes, as SWAP_OUT writes it and SWAP_IN reads it (rmp 13.4).</summary>
public sealed record ReferenceMetadata
{
    /// <summary>What the caller put in for its own use.</summary>
    public ulong Software { get; init; }

    /// <summary>The initialisation vector of the sealing.</summary>
    public ulong Vector { get; init; }

    /// <summary>Whether the entry says anything.</summary>
    public bool IsValid { get; init; }

    /// <summary>Whether the page was validated.</summary>
    public bool Validated { get; init; }

    /// <summary>Whether the page was a VMSA.</summary>
    public bool Vmsa { get; init; }

    /// <summary>Whether the page was itself a page of metadata.</summary>
    public bool IsMetadata { get; init; }

    /// <summary>Whether the page had 2 MiB.</summary>
    public bool Large { get; init; }

    /// <summary>The GPA field's page number.</summary>
    public ulong GpaPage { get; init; }

    /// <summary>The entry's high quadword.</summary>
    public ulong High { get; init; }
}
