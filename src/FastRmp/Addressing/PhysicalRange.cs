namespace FastRmp;

/// <summary>A range of physical memory, in bytes.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes; start and length together reach at most 2^52.</param>
public readonly record struct PhysicalRange(PhysicalAddress Start, ulong Length)
{
    /// <summary>The address after the last byte, as a number: it may be 2^52.</summary>
    public ulong End => Start.Value + Length;

    /// <summary>Whether a range of pages lies inside, whole.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Bytes.</param>
    /// <returns>True if every byte lies inside.</returns>
    public bool Contains(PhysicalAddress address, ulong bytes) =>
        address >= Start && bytes <= Length && address.Value - Start.Value <= Length - bytes;

    /// <summary>The whole 4 KiB pages inside: start rounded up, end rounded down.</summary>
    /// <returns>The page-aligned range; empty if no page fits.</returns>
    public PhysicalRange WholePages()
    {
        ulong mask = PageSize.Size4K.OffsetMask();
        ulong start = (Start.Value + mask) & ~mask;
        ulong end = End & ~mask;
        return end > start ? new PhysicalRange(PhysicalAddress.Truncate(start), end - start) : new PhysicalRange(Start, 0);
    }
}
