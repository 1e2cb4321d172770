namespace FastRmp;

/// <summary>AMD-Vi's Extended Feature register (EFR), MMIO offset 0x30: what the IOMMU can do.</summary>
/// <remarks>Bits that the sources used give no name to are declared reserved here; a real register may have some of them set.</remarks>
[BitLayout(64, Source = "Linux drivers/iommu/amd/amd_iommu_types.h; NOVA hypervisor inc/x86_64/smmu_amd.hpp")]
[Reserved(0)]
[Reserved(5)]
[Reserved(31, 16)]
[Reserved(47, 37)]
[Reserved(51)]
[Reserved(62, 53)]
public readonly partial struct IommuExtendedFeatures
{
    /// <summary>PPRSup: peripheral page requests.</summary>
    [Bits(1)] public partial bool PageRequests { get; init; }

    /// <summary>XTSup: x2APIC.</summary>
    [Bits(2)] public partial bool X2Apic { get; init; }

    /// <summary>NXSup: no-execute in guest (v2) tables.</summary>
    [Bits(3)] public partial bool NoExecute { get; init; }

    /// <summary>GTSup: guest (v2) translation.</summary>
    [Bits(4)] public partial bool GuestTranslation { get; init; }

    /// <summary>IASup: INVALIDATE_IOMMU_ALL.</summary>
    [Bits(6)] public partial bool InvalidateAll { get; init; }

    /// <summary>GASup: guest virtual APIC.</summary>
    [Bits(7)] public partial bool GuestApic { get; init; }

    /// <summary>HESup: hardware error registers.</summary>
    [Bits(8)] public partial bool HardwareError { get; init; }

    /// <summary>PCSup: performance counters.</summary>
    [Bits(9)] public partial bool PerformanceCounters { get; init; }

    /// <summary>HATS: the largest Mode is 4 (0), 5 (1) or 6 (2); 3 is reserved.</summary>
    [Bits(11, 10)] public partial byte HostAddressSize { get; init; }

    /// <summary>GATS: guest (v2) tables have 4 levels (0), or 4 or 5 (1).</summary>
    [Bits(13, 12)] public partial byte GuestAddressSize { get; init; }

    /// <summary>GLXSup: the largest GLX.</summary>
    [Bits(15, 14)] public partial byte GuestLevels { get; init; }

    /// <summary>PASmax: PASIDs have this many bits, and one more.</summary>
    [Bits(36, 32)] public partial byte PasidBits { get; init; }

    /// <summary>GIOSup: GIOV of a device table entry.</summary>
    [Bits(48)] public partial bool GuestIoProtection { get; init; }

    /// <summary>HASup: Accessed in host (v1) tables.</summary>
    [Bits(49)] public partial bool HostAccessed { get; init; }

    /// <summary>EPHSup: enhanced handling of peripheral page requests.</summary>
    [Bits(50)] public partial bool EnhancedPageRequests { get; init; }

    /// <summary>HDSup: Dirty in host (v1) tables.</summary>
    [Bits(52)] public partial bool HostDirty { get; init; }

    /// <summary>SNPSup: SEV-SNP.</summary>
    [Bits(63)] public partial bool Snp { get; init; }
}
