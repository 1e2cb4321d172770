namespace FastRmp.Iommu;

/// <summary>How a device's request ended at its IOMMU. The flags named are those of the default choices; RW is set for every
/// write.</summary>
public enum IommuStatus : byte
{
    /// <summary>At an entry that is not present: IO_PAGE_FAULT with PR = 0.</summary>
    NotPresent = 0,

    /// <summary>At a page, and the request is allowed.</summary>
    Mapped = 1,

    /// <summary>At a present entry that makes no sense (its next level, or the size in its address): IO_PAGE_FAULT with PR = 1, RZ =
    /// 0.</summary>
    MalformedEntry = 2,

    /// <summary>At an entry, or the device table entry, without the right for the request: IO_PAGE_FAULT with PR = 1, PE = 1.</summary>
    RightsViolation = 3,

    /// <summary>At a failed RMP check, of the page or of a table that the IOMMU wanted to write or, with guest tables, to read:
    /// RMP_PAGE_FAULT.</summary>
    RmpViolation = 4,

    /// <summary>Before the walk: the address is beyond the reach of the levels, or untranslated and no physical address: IO_PAGE_FAULT with
    /// PR = 1.</summary>
    OutOfReach = 5,

    /// <summary>At an entry that the memory does not hold: PAGE_TAB_HARDWARE_ERROR.</summary>
    OutsideMemory = 6,

    /// <summary>Nowhere: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit.</summary>
    Contended = 7,

    /// <summary>At a device table entry with V = 1 and TV = 0: the device has no translation, its requests are aborted with IO_PAGE_FAULT,
    /// PR = 0.</summary>
    NoTranslation = 8,

    /// <summary>At a device table entry that is no possible encoding (mode 7, or mode 0 while SNP is enabled): ILLEGAL_DEV_TABLE_ENTRY with
    /// RZ = 0.</summary>
    IllegalDeviceTableEntry = 9,

    /// <summary>At a device table entry that the memory does not hold: DEV_TAB_HARDWARE_ERROR.</summary>
    DeviceTableOutsideMemory = 10,

    /// <summary>Before the walk: requests to 0xFEE0_0000 to 0xFEEF_FFFF are interrupts, and no access to memory. Interrupt remapping is not
    /// modelled.</summary>
    Interrupt = 11,

    /// <summary>At a present entry with reserved bits that are not zero: IO_PAGE_FAULT with PR = 1, RZ = 1.</summary>
    ForbiddenBits = 12,

    /// <summary>Behind an entry that skips levels, whose address bits are not zero: IO_PAGE_FAULT with PR = 1.</summary>
    SkippedBits = 13,

    /// <summary>At a device table entry with reserved bits that are not zero, or with bits of a feature that is absent or not enabled:
    /// ILLEGAL_DEV_TABLE_ENTRY with RZ = 1.</summary>
    ForbiddenDeviceTableBits = 14,

    /// <summary>Beyond the device table: IO_PAGE_FAULT with PR = 0 and address 0.</summary>
    BeyondDeviceTable = 15,

    /// <summary>At a GCR3 entry that is not valid: IO_PAGE_FAULT with PR = 0.</summary>
    InvalidGcr3 = 16,

    /// <summary>Before the GCR3 table: the PASID is beyond its reach: IO_PAGE_FAULT with PR = 0.</summary>
    PasidOutOfReach = 17,

    /// <summary>Before guest (v2) tables: the address is not canonical: IO_PAGE_FAULT with PR = 0.</summary>
    NonCanonical = 18,
}
