namespace FastRmp;

/// <content>Open points of the IOMMU.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether the RMP check applies to devices' reads, too, not to their writes alone. Default: yes.</summary>
    /// <remarks>AMD's statement on faults of devices does not distinguish reads from writes. Every known log is of a write, and the
    /// processor's own reads are exempt.</remarks>
    public bool DmaReadsAreChecked { get; init; } = true;

    /// <summary>Whether the RMP check of DMA takes a mapping between 4 KiB and 2 MiB for one of 2 MiB, which reaches all 512 pages of its
    /// region. Default: no, for one of 4 KiB.</summary>
    /// <remarks>The RMP knows both sizes only, and no source says what happens to AMD-Vi's sizes between them.</remarks>
    public bool IntermediateDmaSizesAreLarge { get; init; }

    /// <summary>Whether the RMP check applies to devices whose device table entry has V = 0. Default: yes; their requests are not
    /// translated, but they are DMA.</summary>
    public bool UntranslatedDmaIsChecked { get; init; } = true;

    /// <summary>Whether a request under V = 1, TV = 0 logs ILLEGAL_DEV_TABLE_ENTRY instead of IO_PAGE_FAULT with PR = 0. Default:
    /// no.</summary>
    public bool NoTranslationIsIllegalEntry { get; init; }

    /// <summary>Whether Mode 7 of a device table entry logs IO_PAGE_FAULT with PR = 1 instead of ILLEGAL_DEV_TABLE_ENTRY with RZ = 0.
    /// Default: no.</summary>
    /// <remarks>Mode 0 under SNP is an encoding error, too, and is logged as ILLEGAL_DEV_TABLE_ENTRY by real hardware. VirtualBox raises
    /// IO_PAGE_FAULT for Mode 7, and its source says that this is not certain.</remarks>
    public bool ReservedModeIsPageFault { get; init; }

    /// <summary>Whether a device beyond the device table logs ILLEGAL_DEV_TABLE_ENTRY instead of IO_PAGE_FAULT with PR = 0 and address 0.
    /// Default: no, there is no entry that could be illegal.</summary>
    public bool DeviceBeyondTableIsIllegalEntry { get; init; }

    /// <summary>Whether an invalid level or size in a page-table entry of the IOMMU sets RZ in addition to PR. Default: no.</summary>
    /// <remarks>The specification's RZ stands for reserved bits, not for an invalid level; a device table entry's encoding error has RZ = 0
    /// on hardware.</remarks>
    public bool MalformedDmaEntryReportsReserved { get; init; }

    /// <summary>Whether reserved bits in a page-table entry of the IOMMU set RZ in addition to PR. Default: yes, as those of a device table
    /// entry do on hardware.</summary>
    public bool ReservedDmaBitsReportReserved { get; init; } = true;

    /// <summary>Whether address bits that skipped levels would have indexed, and that are not zero, are logged with PR = 1. Default: yes,
    /// the entry is present and the address does not fit it.</summary>
    public bool SkippedLevelsReportPresent { get; init; } = true;

    /// <summary>Whether IR and IW are checked at the end of the IOMMU's walk alone. Default: no, at the device table entry and at each
    /// level, so that a missing right is reported before an entry below that is not present.</summary>
    public bool DmaRightsAreCheckedAtLeaf { get; init; }

    /// <summary>Whether an address beyond the reach of the IOMMU's tables is logged with PR = 1. Default: yes; many logs of such addresses
    /// have flags 0x0010 and 0x0030.</summary>
    public bool OutOfReachReportsPresent { get; init; } = true;

    /// <summary>Whether TV = 0 of a device table entry is reported before its reserved bits. Default: no.</summary>
    public bool TranslationValidBeforeReservedBits { get; init; }

    /// <summary>Whether missing rights of a device table entry are reported before an invalid encoding of it, as VirtualBox does.
    /// Default: no, an illegal entry comes first.</summary>
    public bool DeviceRightsBeforeEncoding { get; init; }

    /// <summary>Whether the fields of features that are absent or not enabled count as reserved bits of a device table entry. Default: yes;
    /// PPR without EPHEn is logged so by real hardware.</summary>
    public bool UnsupportedDeviceFieldsAreReserved { get; init; } = true;

    /// <summary>Whether faults of guest (v2) tables are logged with GN = 1 and the PASID. Default: yes; if not, with the DomainID as those
    /// of host tables.</summary>
    public bool GuestDmaFaultsReportGuest { get; init; } = true;

    /// <summary>Whether faults of guest (v2) tables are logged as GUEST_EVENT_FAULT instead of IO_PAGE_FAULT. Default: no.</summary>
    public bool GuestDmaFaultsAreGuestEvents { get; init; }

    /// <summary>Whether a GCR3 entry that is not valid, or a PASID beyond the GCR3 table, is logged with PR = 1. Default: no.</summary>
    public bool InvalidGcr3ReportsPresent { get; init; }

    /// <summary>Whether an address that is not canonical for guest (v2) tables is logged with PR = 1. Default: no.</summary>
    public bool NonCanonicalDmaReportsPresent { get; init; }

    /// <summary>Whether RMP_PAGE_FAULT carries the system physical address instead of the device's. Default: no.</summary>
    /// <remarks>Linux calls the field gpa: of a passed-through device, the device's address is that.</remarks>
    public bool RmpDmaFaultReportsPhysicalAddress { get; init; }

    /// <summary>flags_rmp of RMP_PAGE_FAULT. Default: 0, the only value seen.</summary>
    public byte RmpDmaFaultFlags { get; init; }

    /// <summary>Whether RMP_HARDWARE_ERROR carries the address of the page accessed instead of that of its RMP entry. Default:
    /// no.</summary>
    public bool RmpHardwareErrorReportsPage { get; init; }
}
