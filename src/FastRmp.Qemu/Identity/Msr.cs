namespace FastRmp.Qemu;

/// <summary>The numbers of the model-specific registers that SNP has or depends on.</summary>
/// <remarks>docs/spec/rmp.md 1.1.</remarks>
internal static class Msr
{
    /// <summary>SYSCFG.</summary>
    internal const uint Syscfg = 0xC001_0010u;

    /// <summary>HWCR.</summary>
    internal const uint Hwcr = 0xC001_0015u;

    /// <summary>RMP_BASE.</summary>
    internal const uint RmpBase = 0xC001_0132u;

    /// <summary>RMP_END.</summary>
    internal const uint RmpEnd = 0xC001_0133u;

    /// <summary>RMP_CFG.</summary>
    internal const uint RmpCfg = 0xC001_0136u;

    /// <summary>RMPOPT_BASE.</summary>
    internal const uint RmpOptBase = 0xC001_0139u;
}
