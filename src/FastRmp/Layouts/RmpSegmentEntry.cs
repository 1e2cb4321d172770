namespace FastRmp;

/// <summary>An entry of the RMP segment table (RST): 8 bytes for each segment, 512 of them after the bookkeeping.</summary>
/// <remarks>A set reserved bit is a reserved-bit fault at the first use of the segment, or #GP(0) when SNP_EN is set.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36")]
[Reserved(63, 52)]
internal readonly partial struct RmpSegmentEntry
{
    /// <summary>Covered part of the segment from its start, in GiB; 0: not covered; more than a segment holds: all of it.</summary>
    [Bits(19, 0)] public partial uint CoveredGib { get; init; }

    /// <summary>Where the segment's entries are; 1 MiB aligned.</summary>
    [AddressBits(51, 20)] public partial PhysicalAddress RmpBase { get; init; }
}
