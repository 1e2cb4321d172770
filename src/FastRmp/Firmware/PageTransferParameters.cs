namespace FastRmp.Firmware;

/// <summary>The command buffer of SNP_PAGE_MOVE, SNP_SWAP_OUT and SNP_SWAP_IN: what goes from where to where.</summary>
/// <remarks>Addresses are as the host wrote them; the command tests them. A field that a command's buffer does not have is not looked
/// at.</remarks>
public readonly record struct PageTransferParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The page to move or swap out; of SNP_SWAP_IN, where the encrypted content is.</summary>
    public ulong Source { get; init; }

    /// <summary>Where the page is moved to; where its encrypted content goes; of SNP_SWAP_IN, the page that the content comes
    /// into.</summary>
    public ulong Destination { get; init; }

    /// <summary>Size of the page, or of both, in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }

    /// <summary>MDATA_PADDR of a swap: the metadata entry, 64-byte aligned; not looked at with <see cref="IsRoot"/>.</summary>
    public ulong Metadata { get; init; }

    /// <summary>What kind of page is swapped.</summary>
    public SwapPageType Type { get; init; }

    /// <summary>ROOT_MDATA_EN of a swap: whether the metadata entry is the one in the context page.</summary>
    public bool IsRoot { get; init; }

    /// <summary>SOFTWARE_DATA of SNP_SWAP_OUT: kept in the metadata entry.</summary>
    public ulong SoftwareData { get; init; }

    /// <summary>SWAP_IN_PLACE of SNP_SWAP_IN: whether the content already is in the destination.</summary>
    public bool IsInPlace { get; init; }
}
