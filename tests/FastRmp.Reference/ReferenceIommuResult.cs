using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The result of one device's request.</summary>
public sealed record ReferenceIommuResult
{
    /// <summary>How it ended.</summary>
    public required ReferenceIommuOutcome Outcome { get; init; }

    /// <summary>The event that is logged; null for Mapped, Interrupt and GuestTranslationUnsupported. SE and SA are not looked at.</summary>
    public ReferenceIommuEvent? Event { get; init; }

    /// <summary>The device table entry, if it could be read.</summary>
    public ReferenceDeviceEntry? Device { get; init; }

    /// <summary>The system physical address; for Mapped, Rights and RmpViolation.</summary>
    public ulong PhysicalAddress { get; init; }

    /// <summary>The size of the page in bytes, 4 KiB without a walk; for the same outcomes, otherwise 0.</summary>
    public ulong PageSize { get; init; }

    /// <summary>IR of the device and of all entries passed, and-ed.</summary>
    public bool CanRead { get; init; }

    /// <summary>IW of the device and of all entries passed, and-ed.</summary>
    public bool CanWrite { get; init; }

    /// <summary>The level of the last entry, 6 to 1; 0 without a walk.</summary>
    public int Level { get; init; }

    /// <summary>The address of the last entry, or of a device table entry that could not be read; 0 without either.</summary>
    public ulong EntryAddress { get; init; }

    /// <summary>The page table entries read, from the top, as they were when read.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Entries { get; init; }

    /// <summary>The update of Accessed and Dirty; at most one.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Writes { get; init; }
}
