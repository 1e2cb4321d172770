namespace FastRmp;

/// <summary>A piece of a block of bytes that holds a range of physical memory: what a memory image is made of.</summary>
/// <param name="Start">Physical address of the first byte.</param>
/// <param name="Offset">Offset of that byte in the block, in bytes.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct MemorySegment(PhysicalAddress Start, ulong Offset, ulong Length)
{
    /// <summary>The physical address after the last byte, as a number: it may be 2^52.</summary>
    public ulong End => Start.Value + Length;
}
