namespace FastRmp.Qemu;

/// <summary>The numbers of the model-specific registers that SNP has or depends on.</summary>
/// <remarks>docs/spec/rmp.md 1.1.</remarks>
internal static class Msr
{
    /// <summary>MTRRfix64K_00000.</summary>
    internal const uint FixedMtrr64K = 0x250;

    /// <summary>MTRRfix16K_80000.</summary>
    internal const uint FixedMtrr16KFirst = 0x258;

    /// <summary>MTRRfix16K_A0000.</summary>
    internal const uint FixedMtrr16KLast = 0x259;

    /// <summary>MTRRfix4K_C0000.</summary>
    internal const uint FixedMtrr4KFirst = 0x268;

    /// <summary>MTRRfix4K_F8000.</summary>
    internal const uint FixedMtrr4KLast = 0x26F;

    /// <summary>IORRBase0.</summary>
    internal const uint IorrFirst = 0xC001_0016u;

    /// <summary>IORRMask1.</summary>
    internal const uint IorrLast = 0xC001_0019u;

    /// <summary>TOP_MEM.</summary>
    internal const uint TopMem = 0xC001_001Au;

    /// <summary>TOP_MEM2.</summary>
    internal const uint TopMem2 = 0xC001_001Du;

    /// <summary>SMM_KEY.</summary>
    internal const uint SmmKey = 0xC001_0119u;

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
