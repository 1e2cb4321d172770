namespace FastRmp;

/// <summary>The translation of a guest virtual address, from which instructions and checks start. Immutable.</summary>
/// <param name="Gpa">Guest physical address of the byte, without the C-bit.</param>
/// <param name="Spa">System physical address of the byte.</param>
/// <param name="NestedSize">Size of the nested mapping; every size other than 4 KiB is checked as 2 MiB.</param>
public readonly record struct NestedPage(GuestPhysicalAddress Gpa, PhysicalAddress Spa, PageSize NestedSize);
