namespace FastRmp;

/// <summary>AMD-Vi's Control register, MMIO offset 0x18.</summary>
/// <remarks>Bits that the sources used give no name to are declared reserved here; a real register may have some of them set.</remarks>
[BitLayout(64, Source = "Linux drivers/iommu/amd/amd_iommu_types.h; NOVA hypervisor inc/x86_64/smmu_amd.hpp")]
[Reserved(9, 5)]
[Reserved(44, 18)]
[Reserved(49, 46)]
[Reserved(57, 52)]
[Reserved(60)]
[Reserved(63, 62)]
public readonly partial struct IommuControl
{
    /// <summary>IommuEn: the IOMMU works at all.</summary>
    [Bits(0)] public partial bool Enable { get; init; }

    /// <summary>HtTunEn: HyperTransport tunnel.</summary>
    [Bits(1)] public partial bool TunnelEnable { get; init; }

    /// <summary>EventLogEn.</summary>
    [Bits(2)] public partial bool EventLogEnable { get; init; }

    /// <summary>EventIntEn.</summary>
    [Bits(3)] public partial bool EventInterruptEnable { get; init; }

    /// <summary>ComWaitIntEn.</summary>
    [Bits(4)] public partial bool CompletionWaitInterruptEnable { get; init; }

    /// <summary>Coherent: the IOMMU's own reads of device table and page tables are snooped.</summary>
    [Bits(10)] public partial bool Coherent { get; init; }

    /// <summary>Isoc.</summary>
    [Bits(11)] public partial bool Isochronous { get; init; }

    /// <summary>CmdBufEn.</summary>
    [Bits(12)] public partial bool CommandBufferEnable { get; init; }

    /// <summary>PPRLogEn.</summary>
    [Bits(13)] public partial bool PageRequestLogEnable { get; init; }

    /// <summary>PPRIntEn.</summary>
    [Bits(14)] public partial bool PageRequestInterruptEnable { get; init; }

    /// <summary>PPREn: peripheral page requests are processed.</summary>
    [Bits(15)] public partial bool PageRequestEnable { get; init; }

    /// <summary>GTEn: guest (v2) translation.</summary>
    [Bits(16)] public partial bool GuestTranslationEnable { get; init; }

    /// <summary>GAEn: guest virtual APIC.</summary>
    [Bits(17)] public partial bool GuestApicEnable { get; init; }

    /// <summary>EPHEn: enhanced handling of peripheral page requests; gives the device table entry's PPR a meaning.</summary>
    [Bits(45)] public partial bool EnhancedPageRequestEnable { get; init; }

    /// <summary>XTEn: x2APIC.</summary>
    [Bits(50)] public partial bool X2ApicEnable { get; init; }

    /// <summary>IntCapXTEn: the IOMMU's own interrupts by x2APIC registers.</summary>
    [Bits(51)] public partial bool InterruptX2ApicEnable { get; init; }

    /// <summary>GCR3TRPMode: GCR3 root and GCR3 tables are guest physical, and translated by the v1 tables if there are any.</summary>
    [Bits(58)] public partial bool Gcr3IsGuestPhysical { get; init; }

    /// <summary>IRTCacheDis.</summary>
    [Bits(59)] public partial bool InterruptTableCacheDisable { get; init; }

    /// <summary>SNPAVICEn.</summary>
    [Bits(61)] public partial bool SnpAvicEnable { get; init; }
}
