namespace FastRmp.Reference;

/// <summary>One page of a device's address space.</summary>
/// <param name="Iova">The device's address of its first byte, or of the slot if the slots of the page are not all there and alike.</param>
/// <param name="PhysicalAddress">The system physical address that <paramref name="Iova"/> reaches.</param>
/// <param name="Size">The size that the entry tells, in bytes.</param>
/// <param name="CanRead">IR, and-ed over the device table entry and the path.</param>
/// <param name="CanWrite">IW, likewise.</param>
public readonly record struct ReferenceIommuMapping(ulong Iova, ulong PhysicalAddress, ulong Size, bool CanRead, bool CanWrite);
