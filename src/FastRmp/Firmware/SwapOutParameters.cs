namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_SWAP_OUT.</summary>
public readonly record struct SwapOutParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The page that goes out.</summary>
    public ulong Source { get; init; }

    /// <summary>Where its encrypted content goes.</summary>
    public ulong Destination { get; init; }

    /// <summary>MDATA_PADDR: the metadata entry, 64-byte aligned; not looked at with <see cref="IsRoot"/>.</summary>
    public ulong Metadata { get; init; }

    /// <summary>SOFTWARE_DATA: kept in the metadata entry.</summary>
    public ulong SoftwareData { get; init; }

    /// <summary>Size of the page in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>What kind of page it is.</summary>
    public SwapPageType Type { get; init; }

    /// <summary>ROOT_MDATA_EN: whether the metadata entry is the one in the context page.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
