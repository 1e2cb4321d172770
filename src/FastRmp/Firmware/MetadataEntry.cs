namespace FastRmp.Firmware;

/// <summary>A metadata entry, 64 bytes in a Metadata page or in a guest context: what SNP_SWAP_OUT keeps of a page and SNP_SWAP_IN gives
/// back.</summary>
/// <remarks>The authentication tag is not modelled. The default value is an entry of zeros, which is not valid.</remarks>
public readonly record struct MetadataEntry
{
    /// <summary>What the host gave to be kept with the page.</summary>
    public ulong SoftwareData { get; init; }

    /// <summary>The initialisation vector of the encryption.</summary>
    public ulong Iv { get; init; }

    /// <summary>Whether the entry stands for a page that is swapped out.</summary>
    public bool IsValid { get; init; }

    /// <summary>Whether the page was validated.</summary>
    public bool IsValidated { get; init; }

    /// <summary>Whether the page is a VM save area.</summary>
    public bool IsVmsa { get; init; }

    /// <summary>Whether the page is a metadata page.</summary>
    public bool IsMetadata { get; init; }

    /// <summary>Size of the page.</summary>
    public PageSize Size { get; init; }

    /// <summary>The number of the guest page, 52 bits.</summary>
    public ulong GuestPage { get; init; }

    /// <summary>The high quadword of the page's RMP entry: the masks of the VMPLs and the bits above them.</summary>
    public ulong Permissions { get; init; }
}
