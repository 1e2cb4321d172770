namespace FastRmp;

/// <content>Open points of paging and nested paging.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether a host walk that reads a paging structure is RMP-checked like a write even if it sets no Accessed or Dirty bit.
    /// Default: no, only when the walker writes.</summary>
    public bool CheckTableReads { get; init; }

    /// <summary>Whether bit 8 of a PML5E is ignored, though that of a PML4E is reserved. Default: no, the two top levels are
    /// alike.</summary>
    /// <remarks>Has no meaning for processors that ignore the bit in both: <see cref="ProcessorModel.ReservesUpperBit8"/>.</remarks>
    public bool IgnorePml5eBit8 { get; init; }

    /// <summary>Whether an access that paging refuses, of guest or host, sets no Accessed bit. Default: no; that of an upper entry is set
    /// as soon as the entry passed its own tests.</summary>
    /// <remarks>The manual allows both. Accessed and Dirty of the leaf of a refused access are never set.</remarks>
    public bool SetAccessedOnlyIfAllowed { get; init; }

    /// <summary>Whether the host's PKRU applies to nested tables, too. Default: no; keys belong to linear addresses.</summary>
    /// <remarks>Every nested access is a user's; a violation then has PK (bit 5) in EXITINFO1.</remarks>
    public bool NestedKeysApply { get; init; }

    /// <summary>Whether EXITINFO2 of a fault on a guest's table is the address of the table's page. Default: no, of the 8-byte
    /// entry.</summary>
    public bool TableFaultsArePageAligned { get; init; }

    /// <summary>Whether GMET lets user code (CPL 3) fetch from nested pages with U/S = 0. Default: no, a nested page fault.</summary>
    public bool GmetAllowsUserFetches { get; init; }

    /// <summary>Whether U of EXITINFO1 is set with GMET, too, whatever the CPL. Default: no, only at CPL 3.</summary>
    /// <remarks>The bit is unreliable on hardware (erratum 1218): comparisons with hardware ignore it.</remarks>
    public bool GmetAlwaysReportsUser { get; init; }

    /// <summary>Whether an RMP violation of the nested walker's own write, which sets a bit in a nested table, lacks ENC. Default: no, ENC
    /// is reported as on every nested page fault of the access.</summary>
    public bool HideEncryptionOfNestedTableWrites { get; init; }

    /// <summary>Whether nested page faults of SEV and SEV-ES guests carry ENC, too. Default: no, those of SNP guests alone.</summary>
    public bool ReportEncryptionOfSevGuests { get; init; }
}
