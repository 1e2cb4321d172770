namespace FastRmp.Reference;

/// <summary>One access by a guest, translated (rmp 6.2).</summary>
public sealed record ReferenceGuestAccess
{
    /// <summary>What it does.</summary>
    public ReferenceAccessKind Kind { get; init; }

    /// <summary>The guest's ASID.</summary>
    public uint Asid { get; init; }

    /// <summary>The VMPL, 0 to 3; of SNP guests only.</summary>
    public int Vmpl { get; init; }

    /// <summary>The privilege level, 0 to 3.</summary>
    public int Cpl { get; init; }

    /// <summary>Whether the C-bit is effectively set. Fetches and page-table accesses of an SNP guest are private in any case.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>The guest physical address of the byte.</summary>
    public ulong Gpa { get; init; }

    /// <summary>The system physical address of the byte.</summary>
    public ulong Spa { get; init; }

    /// <summary>The size of the nested mapping.</summary>
    public ReferencePageSize MappingSize { get; init; }
}
