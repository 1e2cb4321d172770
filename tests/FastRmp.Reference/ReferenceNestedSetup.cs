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

    /// <summary>Whether the access is that of PVALIDATE, RMPADJUST or RMPQUERY: the page itself is left to the instruction (rmp
    /// 4.5).</summary>
    public bool OfInstruction { get; init; }

    /// <summary>GMET: U/S of the nested tables matters to fetches alone (paging 8.5).</summary>
    public bool Gmet { get; init; }

    /// <summary>Whether with GMET user code may fetch from U = 0; the DECISION of paging 8.5 is that it may not.</summary>
    public bool GmetAllowsUserFetches { get; init; }

    /// <summary>Whether with GMET U of EXITINFO1 is set whatever the CPL; the DECISION of paging 8.5 is: only at CPL 3.</summary>
    public bool GmetAlwaysReportsUser { get; init; }

    /// <summary>Whether the host's keys rule nested tables; the DECISION of paging 8.2 is that they do not.</summary>
    public bool NestedKeys { get; init; }

    /// <summary>Whether EXITINFO2 of a fault on a guest table has no low bits; the DECISION of paging 8.4 is the address of the
    /// entry.</summary>
    public bool TableFaultsArePageAligned { get; init; }

    /// <summary>Whether an access that paging refuses marks nothing in either kind of tables (paging 5 allows both).</summary>
    public bool FaultingWalksMarkNothing { get; init; }

    /// <summary>Whether ENC is told when the RMP forbids the nested walker's own write; the DECISION of rmp 6.4 is that it is.</summary>
    public bool EncryptionOfOwnWritesIsTold { get; init; } = true;

    /// <summary>Whether ENC is told of SEV and SEV-ES guests; the DECISION of rmp 6.4 is: of SNP guests only.</summary>
    public bool EncryptionOfSevGuestsIsTold { get; init; }

    /// <summary>
    /// VIRTUAL_TOM: data below it is private, from it on shared, and the C-bit must be 0 in the guest's tables (rmp 6.2). Null if it
    /// is off; then the leaf's C-bit decides.
    /// </summary>
    public ulong? VirtualTom { get; init; }
}
