namespace FastRmp.Qemu;

/// <summary>What became of RDMSR or WRMSR.</summary>
internal enum MsrOutcome
{
    /// <summary>The register is the emulator's.</summary>
    NotOurs,

    /// <summary>Done here.</summary>
    Done,

    /// <summary>#GP(0), without effect.</summary>
    GeneralProtection,
}
