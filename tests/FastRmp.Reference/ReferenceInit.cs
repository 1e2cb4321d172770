namespace FastRmp.Reference;

/// <summary>The fields of SNP_INIT_EX (rmp 12.2). The defaults are those of SNP_INIT.</summary>
public sealed record ReferenceInit
{
    /// <summary>INIT_RMP: the table is built anew.</summary>
    public bool InitRmp { get; init; } = true;

    /// <summary>The list of ranges that become HV_Fixed, or null.</summary>
    public ReferenceRangeList? List { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReserved { get; init; }
}
