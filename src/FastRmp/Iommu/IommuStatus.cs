namespace FastRmp.Iommu;

/// <summary>How a device's request ended at its IOMMU.</summary>
public enum IommuStatus : byte
{
    /// <summary>At an entry that is not present, or behind one that skips levels whose address bits are not zero: IO_PAGE_FAULT with PR = 0.</summary>
    NotPresent = 0,

    /// <summary>At a page, and the request is allowed.</summary>
    Mapped = 1,

    /// <summary>At a present entry that makes no sense (its next level, or the size in its address): IO_PAGE_FAULT with PR = 1, RZ = 1.</summary>
    MalformedEntry = 2,

    /// <summary>At a page that the request has no right to: IO_PAGE_FAULT with PR = 1, PE = 1.</summary>
    RightsViolation = 3,

    /// <summary>At a failed RMP check, of the page or of a page table that the IOMMU wanted to write: RMP_PAGE_FAULT.</summary>
    RmpViolation = 4,

    /// <summary>Before the walk: the address is beyond the reach of the levels, or untranslated and no physical address: IO_PAGE_FAULT with PR = 0.</summary>
    OutOfReach = 5,

    /// <summary>At a page-table entry that the memory does not hold: PAGE_TAB_HARDWARE_ERROR.</summary>
    OutsideMemory = 6,

    /// <summary>Nowhere: other writers changed an entry each time the walker wanted to set its Accessed or Dirty bit.</summary>
    Contended = 7,

    /// <summary>At a device table entry with V = 1 and TV = 0: the device has no translation, its requests are aborted with IO_PAGE_FAULT, PR = 0.</summary>
    NoTranslation = 8,

    /// <summary>At a device table entry that is illegal (mode 7, or mode 0 while SNP is enabled) or beyond the table: ILLEGAL_DEV_TABLE_ENTRY.</summary>
    IllegalDeviceTableEntry = 9,

    /// <summary>At a device table entry that the memory does not hold: DEV_TAB_HARDWARE_ERROR.</summary>
    DeviceTableOutsideMemory = 10,

    /// <summary>Before the walk: requests to 0xFEE0_0000 to 0xFEEF_FFFF are interrupts, and no access to memory. Interrupt remapping is not modelled.</summary>
    Interrupt = 11,

    /// <summary>Before the walk: the device has guest (v2) tables, which are not modelled.</summary>
    GuestTranslationUnsupported = 12,
}
