namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_SHUTDOWN_EX.</summary>
public readonly record struct SnpShutdownExParameters
{
    /// <summary>The length that the command buffer has to have.</summary>
    public const uint ExpectedLength = 8;

    /// <summary>Parameters with the right length and no flag.</summary>
    public SnpShutdownExParameters() => Length = ExpectedLength;

    /// <summary>Length of the command buffer in bytes.</summary>
    public uint Length { get; init; }

    /// <summary>IOMMU_SNP_SHUTDOWN: the IOMMUs stop enforcing, their pages become Reclaim, the RMP counts as not initialised.</summary>
    public bool IommuShutdown { get; init; }

    /// <summary>X86_SNP_SHUTDOWN: SNP_EN is cleared; only together with <see cref="IommuShutdown"/>.</summary>
    public bool X86Shutdown { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
