namespace FastRmp;

/// <summary>Extended feature enable register, MSR C000_0080, as far as paging depends on it.</summary>
/// <remarks>Only the bits that paging depends on are named; the others are declared reserved here whatever they mean to the
/// processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 3.1.7")]
[Reserved(7, 0)]
[Reserved(9)]
[Reserved(63, 12)]
internal readonly partial struct Efer
{
    /// <summary>LME.</summary>
    [Bits(8)] public partial bool LongModeEnable { get; init; }

    /// <summary>LMA.</summary>
    [Bits(10)] public partial bool LongModeActive { get; init; }

    /// <summary>NXE: the NX bit has a meaning.</summary>
    [Bits(11)] public partial bool NoExecuteEnable { get; init; }
}
