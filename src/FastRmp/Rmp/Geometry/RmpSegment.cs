namespace FastRmp;

/// <summary>One segment of a segmented RMP, as unchecked numbers: an entry of the segment table (RST) and its index
/// there. Immutable.</summary>
/// <param name="Index">Number of the segment: the addresses in it, shifted right by the segment exponent. Below 512.</param>
/// <param name="CoveredGib">How much of the segment is covered from its start, in GiB, in 20 bits; 0: nothing; more than a segment holds:
/// all of it.</param>
/// <param name="RmpBase">Byte address of the segment's entries: a multiple of 1 MiB below 2^52.</param>
public readonly record struct RmpSegment(int Index, ulong CoveredGib, ulong RmpBase);
