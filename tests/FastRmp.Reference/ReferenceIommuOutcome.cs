namespace FastRmp.Reference;

/// <summary>What came of a device's request (AMD-Vi 2.1, 3.5, 4, 6.2).</summary>
public enum ReferenceIommuOutcome
{
    /// <summary>The request is allowed and has a system physical address, by a walk or as it is.</summary>
    Mapped = 0,

    /// <summary>An address of interrupts: not a memory request, nothing was walked.</summary>
    Interrupt = 1,

    /// <summary>V = 1 and TV = 0: aborted.</summary>
    Aborted = 2,

    /// <summary>A device beyond the table.</summary>
    BeyondTable = 3,

    /// <summary>A device table entry of which Mode, or with GV another field, is not a possible encoding.</summary>
    IllegalDeviceEntry = 4,

    /// <summary>The device table entry could not be read.</summary>
    DeviceTableUnreadable = 5,

    /// <summary>A page table entry could not be read.</summary>
    PageTableUnreadable = 6,

    /// <summary>An entry is not present.</summary>
    NotPresent = 7,

    /// <summary>A present entry with a level or size that cannot be.</summary>
    Malformed = 8,

    /// <summary>IR or IW, or R/W, U/S or NX of the v2 tables, forbids it.</summary>
    Rights = 9,

    /// <summary>The RMP forbids the request, or the update of Accessed and Dirty or the read of a v2 table that it needs.</summary>
    RmpViolation = 10,

    /// <summary>A device table entry with a bit set that must be zero.</summary>
    NonZeroDeviceBit = 11,

    /// <summary>A present entry with a bit set that must be zero.</summary>
    NonZeroBit = 12,

    /// <summary>Bits of the address that skipped levels would have indexed are not zero.</summary>
    SkippedBits = 13,

    /// <summary>The address is beyond what the tables, or physical addresses, reach.</summary>
    OutOfReach = 14,

    /// <summary>A GCR3 entry is not valid.</summary>
    InvalidGcr3 = 15,

    /// <summary>The PASID is beyond the GCR3 table.</summary>
    PasidTooLarge = 16,

    /// <summary>The address is not canonical for the v2 tables.</summary>
    NonCanonical = 17,
}
