namespace FastRmp.Reference;

/// <summary>What a guest virtual address became: the operand of the guest's instructions as this model takes it (rmp 4.5).</summary>
/// <param name="Gpa">The guest physical address of the byte; unless the virtual address is given, its bits 20:12 are taken for those of
/// that.</param>
/// <param name="Spa">The system physical address of the byte.</param>
/// <param name="NestedSize">The size of the nested mapping.</param>
/// <param name="Gva">The virtual address, if it is known: its alignment counts, and not that of Gpa.</param>
public readonly record struct ReferenceTranslation(ulong Gpa, ulong Spa, ReferencePageSize NestedSize, ulong? Gva = null)
{
    /// <summary>Whether a 2 MiB operand fits the address (rmp 4.5): bits 20:12 are 0.</summary>
    public bool StartsRegion => (Gva ?? Gpa) % 0x20_0000 < 0x1000;
}
