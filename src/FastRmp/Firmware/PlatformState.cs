namespace FastRmp.Firmware;

/// <summary>What firmware keeps of the platform as a whole.</summary>
/// <remarks>The default value is a platform before any command, with SNP_EN clear.</remarks>
public readonly record struct PlatformState
{
    /// <summary>Whether SNP is INIT: SNP_INIT or SNP_INIT_EX succeeded, and there was no shutdown since. Else it is UNINIT, and no command
    /// on guests or pages works.</summary>
    public bool IsSnpInitialized { get; init; }

    /// <summary>The state of legacy SEV.</summary>
    public SevPlatformState Sev { get; init; }

    /// <summary>Whether the RMP counts as initialised: an initialisation built it, and no shutdown with IOMMU shutdown came since. Only
    /// then INIT_RMP may be 0.</summary>
    public bool IsRmpInitialized { get; init; }

    /// <summary>Whether the IOMMUs enforce SNP.</summary>
    public bool IsIommuEnforced { get; init; }

    /// <summary>How many SNP guests were launched and not decommissioned.</summary>
    public uint Guests { get; init; }

    /// <summary>The core complexes, a bit each, that have executed WBINVD since.</summary>
    public ushort FlushedCoreComplexes { get; init; }

    /// <summary>SYSCFG.SNP_EN on all cores.</summary>
    public bool IsSnpEnabled { get; init; }
}
