namespace FastRmp;

/// <summary>HWCR, MSR C001_0015, as far as SNP depends on it.</summary>
[BitLayout(64, Source = "AMD64 APM vol. 2, 3.2.10; AMD SEV firmware source, sev_mcmd.c")]
[Reserved(63, 1)]
internal readonly partial struct Hwcr
{
    /// <summary>SmmLock: SMM's registers are locked; SNP's initialisation demands it, and Linux takes SEV away without it.</summary>
    [Bits(0)] public partial bool SmmLocked { get; init; }
}
