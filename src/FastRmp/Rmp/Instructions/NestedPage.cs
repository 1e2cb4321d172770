namespace FastRmp;

/// <summary>What the walks made of a guest virtual address: instructions and checks start from here.</summary>
/// <param name="Gpa">Guest physical address of the byte, without the C-bit.</param>
/// <param name="Spa">System physical address of the byte.</param>
/// <param name="NestedSize">Size of the nested mapping; whatever is not 4 KiB is checked as 2 MiB.</param>
public readonly record struct NestedPage(GuestPhysicalAddress Gpa, PhysicalAddress Spa, PageSize NestedSize);
