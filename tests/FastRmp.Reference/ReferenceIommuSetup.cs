namespace FastRmp.Reference;

/// <summary>The registers and choices that an IOMMU works by (AMD-Vi 1, 6).</summary>
public sealed record ReferenceIommuSetup
{
    /// <summary>The system physical address of the device table.</summary>
    public required ulong DeviceTable { get; init; }

    /// <summary>How many entries it has, at most 65536.</summary>
    public int DeviceCount { get; init; } = 65536;

    /// <summary>Whether SNP is on, which forbids Mode 0 (AMD-Vi 2.1).</summary>
    public bool SnpEnabled { get; init; }

    /// <summary>The table that DMA is checked against while SNP is on; null checks nothing.</summary>
    public ReferenceRmp? Rmp { get; init; }

    /// <summary>Whether reads are checked, too (AMD-Vi 6.2).</summary>
    public bool DmaReadsAreChecked { get; init; } = true;
}
