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

    /// <summary>The Control register (AMD-Vi 1); null if it is not known: everything is enabled.</summary>
    public ulong? Control { get; init; }

    /// <summary>The Extended Feature register; null if it is not known: everything is there.</summary>
    public ulong? Features { get; init; }

    /// <summary>The Extended Feature 2 register; null likewise.</summary>
    public ulong? Features2 { get; init; }

    /// <summary>With memory encryption: the number of the C-bit, which is not an address bit in tables.</summary>
    public int? EncryptionBit { get; init; }

    /// <summary>What is done where sources leave it open.</summary>
    public ReferenceIommuChoices Choices { get; init; } = new();

    internal bool IsEnabled(int controlBit) => Control is not ulong control || (control >> controlBit) % 2 == 1;

    internal bool Has(int featureBit) => Features is not ulong features || (features >> featureBit) % 2 == 1;

    internal bool Has2(int featureBit) => Features2 is not ulong features || (features >> featureBit) % 2 == 1;

    internal ulong? FeatureField(int high, int low) => Features is ulong features ? (features >> low) % (1UL << (high - low + 1)) : null;

    internal ulong WithoutC(ulong address) => EncryptionBit is int bit ? address & ~(1UL << bit) : address;
}
