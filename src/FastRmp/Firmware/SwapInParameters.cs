namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_SWAP_IN.</summary>
public readonly record struct SwapInParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>Where the encrypted content stands.</summary>
    public ulong Source { get; init; }

    /// <summary>The page that it comes into.</summary>
    public ulong Destination { get; init; }

    /// <summary>MDATA_PADDR: the metadata entry, 64-byte aligned; not looked at with <see cref="IsRoot"/>.</summary>
    public ulong Metadata { get; init; }

    /// <summary>Size of the page in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>What kind of page it is.</summary>
    public SwapPageType Type { get; init; }

    /// <summary>SWAP_IN_PLACE: whether the content already stands in the destination.</summary>
    public bool IsInPlace { get; init; }

    /// <summary>ROOT_MDATA_EN: whether the metadata entry is the one in the context page.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
