namespace FastRmp.Reference;

/// <summary>The fields of SWAP_OUT and SWAP_IN (rmp 13.4).</summary>
public sealed record ReferenceSwap
{
    /// <summary>The type of a page of data.</summary>
    public const int Data = 0;

    /// <summary>The type of a page of metadata.</summary>
    public const int Metadata = 1;

    /// <summary>The type of a save area.</summary>
    public const int Vmsa = 2;

    /// <summary>The page to read.</summary>
    public ulong Source { get; init; }

    /// <summary>The page to write.</summary>
    public ulong Destination { get; init; }

    /// <summary>Where the metadata entry stands, unless it is the root's.</summary>
    public ulong Entry { get; init; }

    /// <summary>Whether the metadata entry is the one in the guest context.</summary>
    public bool IsRoot { get; init; }

    /// <summary>What the caller puts into the entry; SWAP_OUT only.</summary>
    public ulong Software { get; init; }

    /// <summary>Whether 2 MiB are meant.</summary>
    public bool Large { get; init; }

    /// <summary>The type's number; also one that is none.</summary>
    public int Type { get; init; }

    /// <summary>Whether the page is decrypted where it is; SWAP_IN only.</summary>
    public bool IsInPlace { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReserved { get; init; }
}
