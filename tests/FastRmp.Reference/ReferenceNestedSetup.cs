namespace FastRmp.Reference;

/// <summary>What a nested walk depends on: the guest's paging, the host's at VMRUN, and who the guest is (paging 8.1).</summary>
public sealed record ReferenceNestedSetup
{
    /// <summary>The guest's paging; its CR3 is guest physical, and it has an encryption bit if the guest is of the SEV family.</summary>
    public required ReferencePaging Guest { get; init; }

    /// <summary>The host's paging with nCR3 as CR3. Levels, NXE, width and C-bit rule the tables; WP, SMAP and keys do not count.</summary>
    public required ReferencePaging Host { get; init; }

    /// <summary>The table that accesses are checked against; null while SNP is off.</summary>
    public ReferenceRmp? Rmp { get; init; }

    /// <summary>Whether the guest is an SNP guest; otherwise it is a plain, SEV or SEV-ES guest.</summary>
    public bool IsSnpGuest { get; init; }

    /// <summary>The guest's ASID.</summary>
    public uint Asid { get; init; }

    /// <summary>The VMPL, 0 to 3; of SNP guests only.</summary>
    public int Vmpl { get; init; }

    /// <summary>Whether the access is that of PVALIDATE, RMPADJUST or RMPQUERY: the page itself is left to the instruction (rmp 4.5).</summary>
    public bool OfInstruction { get; init; }

    /// <summary>
    /// VIRTUAL_TOM: data below it is private, from it on shared, and the C-bit must be 0 in the guest's tables (rmp 6.2). Null if it
    /// is off; then the leaf's C-bit decides.
    /// </summary>
    public ulong? VirtualTom { get; init; }
}
