namespace FastRmp;

/// <summary>The flags of SNP_SHUTDOWN_EX's command buffer, bytes 4 to 7, kept in 64 bits.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(63, 2)]
internal readonly partial struct SnpShutdownFlags
{
    /// <summary>IOMMU_SNP_SHUTDOWN.</summary>
    [Bits(0)] public partial bool Iommu { get; init; }

    /// <summary>X86_SNP_SHUTDOWN.</summary>
    [Bits(1)] public partial bool X86 { get; init; }
}
