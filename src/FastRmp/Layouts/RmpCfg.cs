namespace FastRmp;

/// <summary>RMP_CFG, MSR C001_0136: whether the RMP is segmented, and how.</summary>
/// <remarks>Exists with CPUID Fn8000_001F EAX[23]. Writable only while SNP_EN is 0; reserved bits must be zero.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36")]
[Reserved(7, 1)]
[Reserved(63, 14)]
internal readonly partial struct RmpCfg
{
    /// <summary>SegmentedRmpEn: the RMP has a segment table; RMP_END is not used.</summary>
    [Bits(0)] public partial bool SegmentedRmpEnabled { get; init; }

    /// <summary>RmpSegmentSize: the exponent n of a segment of 2^n bytes.</summary>
    [Bits(13, 8)] public partial byte SegmentShift { get; init; }
}
