namespace FastRmp.Images;

/// <summary>What boot messages say of the RMP besides where it is.</summary>
public enum RmpFact
{
    /// <summary>The segment table's place: <see cref="LoggedRmpFact.First"/> and <see cref="LoggedRmpFact.Second"/> as printed.</summary>
    SegmentTable,

    /// <summary>How many GiB a segment spans: <see cref="LoggedRmpFact.First"/>.</summary>
    SegmentGigabytes,

    /// <summary>A 2 MiB block at an edge of a table, reserved: its address.</summary>
    Boundary,

    /// <summary>The machine's firmware reserved no memory for a table.</summary>
    NoTable,

    /// <summary>The table does not cover all memory: what is needed and what is there, in bytes, of the table, or with segments of
    /// memory.</summary>
    TooSmall,

    /// <summary>The kernel refused or could not use the table.</summary>
    Refused,

    /// <summary>A range is printed that ends before it begins, or above every physical address: its numbers.</summary>
    NoRange,

    /// <summary>The RMP_BASE register.</summary>
    BaseRegister,

    /// <summary>The RMP_END register.</summary>
    EndRegister,

    /// <summary>Where the table is mapped: address and last offset.</summary>
    MappedAt,

    /// <summary>SYSCFG.SNP_EN: 0 or 1.</summary>
    SnpEnabled,

    /// <summary>SYSCFG.VMPLEn: 0 or 1.</summary>
    VmplEnabled,

    /// <summary>Memory whose RMP checks RMPOPT may skip: first address and the one after.</summary>
    Optimized,

    /// <summary>An IOMMU supports SNP (1), or SNP is given up because of it (0).</summary>
    IommuSnp,

    /// <summary>The virtual APIC of the IOMMU is off because of SNP.</summary>
    AvicForcedOff,

    /// <summary>The SEV firmware is older than the driver asks for with SNP: the version that it asks for, major and minor.</summary>
    FirmwareTooOld,
}
