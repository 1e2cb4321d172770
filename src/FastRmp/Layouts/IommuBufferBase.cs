namespace FastRmp;

/// <summary>AMD-Vi's registers of where an IOMMU writes: Event Log Base, PPR Log Base, Completion Store Base and Limit (which are the
/// Exclusion Base and Limit when SNP is off).</summary>
[BitLayout(64, Source = "AMD I/O Virtualization Technology (IOMMU) Specification, MMIO registers")]
[Reserved(11, 0)]
[Reserved(55, 52)]
[Reserved(63, 60)]
internal readonly partial struct IommuBufferBase
{
    /// <summary>Address.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Base { get; init; }

    /// <summary>Of a log, the logarithm to the base 2 of how many entries of 16 bytes it has.</summary>
    [Bits(59, 56)] public partial byte Length { get; init; }
}
