namespace FastRmp;

/// <summary>CPUID Fn8000_0025 EDX: the RMPOPT instruction. A 32-bit register, kept in 64 bits.</summary>
[BitLayout(64, Source = "AMD 69201, RMPOPT")]
[Reserved(63, 1)]
public readonly partial struct RmpOptFeatures
{
    /// <summary>RMPOPT and RMPOPT_BASE exist.</summary>
    [Bits(0)] public partial bool RmpOpt { get; init; }
}
