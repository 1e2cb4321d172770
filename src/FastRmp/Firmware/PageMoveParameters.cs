namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_PAGE_MOVE.</summary>
public readonly record struct PageMoveParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The page to move.</summary>
    public ulong Source { get; init; }

    /// <summary>Where it goes.</summary>
    public ulong Destination { get; init; }

    /// <summary>Size of both in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
