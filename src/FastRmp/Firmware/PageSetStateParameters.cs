namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_PAGE_SET_STATE.</summary>
public readonly ref struct PageSetStateParameters
{
    /// <summary>The length that the command buffer has to have.</summary>
    public const uint ExpectedLength = 16;

    /// <summary>Parameters with the right length and an empty list at address 0.</summary>
    public PageSetStateParameters() => Length = ExpectedLength;

    /// <summary>Length of the command buffer in bytes.</summary>
    public uint Length { get; init; }

    /// <summary>LIST_PADDR: address of the list of ranges.</summary>
    public ulong ListAddress { get; init; }

    /// <summary>The content of the list at that address.</summary>
    public PageRangeList List { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
