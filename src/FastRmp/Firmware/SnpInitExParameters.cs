namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_INIT_EX. The default value keeps the RMP.</summary>
public readonly ref struct SnpInitExParameters
{
    /// <summary>INIT_RMP: whether the RMP is built anew; if not, it is kept as it is.</summary>
    public bool InitRmp { get; init; }

    /// <summary>LIST_PADDR_EN: whether there is a list of ranges to be HV_Fixed.</summary>
    public bool HasList { get; init; }

    /// <summary>LIST_PADDR: address of the list.</summary>
    public ulong ListAddress { get; init; }

    /// <summary>The content of the list at that address.</summary>
    public PageRangeList List { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
