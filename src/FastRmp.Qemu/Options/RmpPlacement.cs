namespace FastRmp.Qemu;

/// <summary>Where the machine's BIOS puts the RMP.</summary>
/// <param name="IsSegmented">Whether it has a segment table; else the entries are in one piece.</param>
/// <param name="First">Physical address of the first byte set aside.</param>
/// <param name="Last">Physical address of the last byte set aside.</param>
/// <param name="SegmentShift">Exponent of a segment's bytes, if there are segments.</param>
internal readonly record struct RmpPlacement(bool IsSegmented, ulong First, ulong Last, int SegmentShift)
{
    /// <summary>The exponent unless another one is given: 1 GiB, so that a small machine has several segments.</summary>
    internal const int DefaultSegmentShift = 30;
}
