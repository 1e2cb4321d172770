namespace FastRmp.Reference;

/// <summary>What a guest virtual address became: the operand of the guest's instructions as this model takes it (rmp 4.5).</summary>
/// <param name="Gpa">The guest physical address of the byte; its bits 20:12 are those of the virtual address.</param>
/// <param name="Spa">The system physical address of the byte.</param>
/// <param name="NestedSize">The size of the nested mapping.</param>
public readonly record struct ReferenceTranslation(ulong Gpa, ulong Spa, ReferencePageSize NestedSize);
