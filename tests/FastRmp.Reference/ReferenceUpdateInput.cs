namespace FastRmp.Reference;

/// <summary>The operand of RMPUPDATE (rmp 2.5).</summary>
public sealed record ReferenceUpdateInput
{
    /// <summary>The guest physical address, in bytes.</summary>
    public ulong Gpa { get; init; }

    /// <summary>Whether the page is to be assigned.</summary>
    public bool Assigned { get; init; }

    /// <summary>Page_Size: whether the update is for 2 MiB.</summary>
    public bool Large { get; init; }

    /// <summary>Whether the page is to be immutable.</summary>
    public bool Immutable { get; init; }

    /// <summary>The ASID of the new owner; 0 is firmware or the host.</summary>
    public uint Asid { get; init; }

    /// <summary>Whether any reserved bit or byte of the operand is set.</summary>
    public bool ReservedNonZero { get; init; }

    /// <summary>The operand that gives a page back to the host.</summary>
    /// <param name="large">Whether it is for 2 MiB.</param>
    /// <returns>The operand: everything but the size is zero.</returns>
    public static ReferenceUpdateInput Release(bool large) => new() { Large = large };
}
