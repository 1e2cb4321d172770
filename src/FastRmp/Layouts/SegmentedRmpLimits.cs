namespace FastRmp;

/// <summary>CPUID Fn8000_0025 EBX: how many segments a segmented RMP may have. A 32-bit register, kept in 64 bits.</summary>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36; vol. 3, Fn8000_0025")]
[Reserved(63, 11)]
internal readonly partial struct SegmentedRmpLimits
{
    /// <summary>Segment definitions that the processor can cache.</summary>
    [Bits(9, 0)] public partial ushort CachedSegments { get; init; }

    /// <summary>Whether <see cref="CachedSegments"/> is a hard limit; if not, there may be 512 segments.</summary>
    [Bits(10)] public partial bool IsHardLimit { get; init; }
}
