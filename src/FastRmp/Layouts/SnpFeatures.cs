namespace FastRmp;

/// <summary>CPUID Fn8000_001F EAX: which parts of SEV and SNP a processor has. A 32-bit register, kept in 64 bits.</summary>
/// <remarks>Only the bits that the model knows of are named; the others are declared reserved here whatever they mean to the
/// processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.34-15.36; vol. 3, Fn8000_001F")]
[Reserved(0)]
[Reserved(2)]
[Reserved(9, 8)]
[Reserved(17, 11)]
[Reserved(20, 19)]
[Reserved(22)]
[Reserved(25, 24)]
[Reserved(28)]
[Reserved(63, 32)]
internal readonly partial struct SnpFeatures
{
    /// <summary>SEV.</summary>
    [Bits(1)] public partial bool Sev { get; init; }

    /// <summary>SEV-ES.</summary>
    [Bits(3)] public partial bool SevEs { get; init; }

    /// <summary>SEV-SNP.</summary>
    [Bits(4)] public partial bool SevSnp { get; init; }

    /// <summary>VM permission levels.</summary>
    [Bits(5)] public partial bool Vmpl { get; init; }

    /// <summary>The RMPQUERY instruction.</summary>
    [Bits(6)] public partial bool RmpQuery { get; init; }

    /// <summary>VMPL permission for supervisor shadow stacks (SSS).</summary>
    [Bits(7)] public partial bool VmplShadowStack { get; init; }

    /// <summary>Caches keep encrypted and plain views of a page coherent.</summary>
    [Bits(10)] public partial bool CacheCoherency { get; init; }

    /// <summary>The VIRTUAL_TOM MSR.</summary>
    [Bits(18)] public partial bool VirtualTom { get; init; }

    /// <summary>The RMPREAD instruction.</summary>
    [Bits(21)] public partial bool RmpRead { get; init; }

    /// <summary>Segmented RMP: RMP_CFG and CPUID Fn8000_0025 exist.</summary>
    [Bits(23)] public partial bool SegmentedRmp { get; init; }

    /// <summary>Secure AVIC.</summary>
    [Bits(26)] public partial bool SecureAvic { get; init; }

    /// <summary>The hypervisor says which features a guest may turn on.</summary>
    [Bits(27)] public partial bool AllowedSevFeatures { get; init; }

    /// <summary>MSRs that a hypervisor emulates for RMPUPDATE and PSMASH of a nested one.</summary>
    [Bits(29)] public partial bool NestedVirtSnpMsr { get; init; }

    /// <summary>The hypervisor may write pages of its own that are in use.</summary>
    [Bits(30)] public partial bool HvInUseWrAllowed { get; init; }

    /// <summary>IBPB on entry to a guest.</summary>
    [Bits(31)] public partial bool IbpbOnEntry { get; init; }
}
