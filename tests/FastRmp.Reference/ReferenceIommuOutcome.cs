namespace FastRmp.Reference;

/// <summary>What came of a device's request (AMD-Vi 2.1, 3.5, 6.2).</summary>
public enum ReferenceIommuOutcome
{
    /// <summary>The request is allowed and has a system physical address, by a walk or as it is.</summary>
    Mapped = 0,

    /// <summary>An address of interrupts: not a memory request, nothing was walked.</summary>
    Interrupt = 1,

    /// <summary>V = 1 and TV = 0: aborted.</summary>
    Aborted = 2,

    /// <summary>GV = 1: guest tables, which this model does not walk; no event.</summary>
    GuestTranslationUnsupported = 3,

    /// <summary>A device beyond the table, or an entry that is not allowed.</summary>
    IllegalDeviceEntry = 4,

    /// <summary>The device table entry could not be read.</summary>
    DeviceTableUnreadable = 5,

    /// <summary>A page table entry could not be read.</summary>
    PageTableUnreadable = 6,

    /// <summary>An entry is not present, or the address is beyond what the tables reach.</summary>
    NotPresent = 7,

    /// <summary>A present entry that no walk may use.</summary>
    Malformed = 8,

    /// <summary>IR or IW forbids it.</summary>
    Rights = 9,

    /// <summary>The RMP forbids the request, or the update of Accessed and Dirty that it needs.</summary>
    RmpViolation = 10,
}
