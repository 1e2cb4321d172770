namespace FastRmp.Images;

/// <summary>A range of system physical addresses as logs print it, both ends included.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="End">The last byte.</param>
public readonly record struct PhysicalSpan(ulong Start, ulong End)
{
    /// <summary>How many bytes it has; 0 if it is empty or turned over.</summary>
    public ulong Size => End < Start ? 0 : End - Start + 1;

    internal bool IsAlignedStart => (Start & PageSize.Size2M.OffsetMask()) == 0;

    internal bool IsAlignedEnd => ((End + 1) & PageSize.Size2M.OffsetMask()) == 0;
}
