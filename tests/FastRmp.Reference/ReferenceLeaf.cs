namespace FastRmp.Reference;

/// <summary>One leaf of the direct map.</summary>
/// <param name="Address">The physical address that it maps, aligned to its size.</param>
/// <param name="Size">Its size.</param>
/// <param name="Attributes">Any number that stands for its flags without those named below; equal numbers are equal flags.</param>
/// <param name="Mark">Its KERNEL_4K bit.</param>
/// <param name="Accessed">Its A bit.</param>
/// <param name="Dirty">Its D bit.</param>
/// <param name="Global">Its G bit.</param>
/// <param name="Zapped">Whether P and R/W are clear, because a guest has the page (direct map 5.2).</param>
public sealed record ReferenceLeaf(
    ulong Address, ReferencePageSize Size, uint Attributes, ReferenceMark Mark, bool Accessed = true, bool Dirty = true, bool Global = true,
    bool Zapped = false);
