namespace FastRmp;

/// <summary>AMD-Vi's Extended Feature 2 register (EFR2), MMIO offset 0x1A0.</summary>
/// <remarks>Bits that the sources used give no name to are declared reserved here; a real register may have some of them set.</remarks>
[BitLayout(64, Source = "Linux drivers/iommu/amd/amd_iommu_types.h; NOVA hypervisor inc/x86_64/smmu_amd.hpp")]
[Reserved(0)]
[Reserved(2)]
[Reserved(63, 4)]
internal readonly partial struct IommuExtendedFeatures2
{
    /// <summary>SEVSNPIO_SUP: trusted I/O.</summary>
    [Bits(1)] public partial bool TrustedIo { get; init; }

    /// <summary>GCR3TRPMode: <see cref="IommuControl.Gcr3IsGuestPhysical"/> may be set.</summary>
    [Bits(3)] public partial bool Gcr3IsGuestPhysical { get; init; }
}
