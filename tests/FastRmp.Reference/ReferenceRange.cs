namespace FastRmp.Reference;

/// <summary>A range of physical memory as a listing gives it.</summary>
/// <param name="First">The first byte.</param>
/// <param name="Last">The last byte, inclusive.</param>
public readonly record struct ReferenceRange(ulong First, ulong Last);
