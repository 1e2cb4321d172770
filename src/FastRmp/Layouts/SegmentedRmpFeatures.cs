namespace FastRmp;

/// <summary>CPUID Fn8000_0025 EAX: the segment sizes of a segmented RMP. A 32-bit register, kept in 64 bits.</summary>
/// <remarks>Exponents of bytes, as Linux compares them with RMP_CFG; a translation of the manual has them as exponents of
/// megabytes.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36; vol. 3, Fn8000_0025")]
[Reserved(63, 12)]
internal readonly partial struct SegmentedRmpFeatures
{
    /// <summary>Exponent of the smallest segment.</summary>
    [Bits(5, 0)] public partial byte MinSegmentShift { get; init; }

    /// <summary>Exponent of the largest segment.</summary>
    [Bits(11, 6)] public partial byte MaxSegmentShift { get; init; }
}
