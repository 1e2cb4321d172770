namespace FastRmp.Reference;

/// <summary>One leaf of the direct map.</summary>
/// <param name="Address">The physical address that it maps, aligned to its size.</param>
/// <param name="Size">Its size.</param>
/// <param name="Attributes">Any number that stands for its flags without Accessed, Dirty and KERNEL_4K; equal numbers are equal flags.</param>
/// <param name="Mark">Its KERNEL_4K bit.</param>
public sealed record ReferenceLeaf(ulong Address, ReferencePageSize Size, uint Attributes, ReferenceMark Mark);
