using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The result of one device's request.</summary>
public sealed record ReferenceIommuResult
{
    /// <summary>How it ended.</summary>
    public required ReferenceIommuOutcome Outcome { get; init; }

    /// <summary>The event that is logged; null for Mapped and Interrupt. SE and SA are not looked at.</summary>
    public ReferenceIommuEvent? Event { get; init; }

    /// <summary>The device table entry, if it could be read.</summary>
    public ReferenceDeviceEntry? Device { get; init; }

    /// <summary>The system physical address; for Mapped and RmpViolation, and for Rights at a v1 page.</summary>
    public ulong PhysicalAddress { get; init; }

    /// <summary>The size of the page in bytes, 4 KiB without a walk; for the same outcomes, otherwise 0.</summary>
    public ulong PageSize { get; init; }

    /// <summary>IR of the device and of all entries passed, and-ed.</summary>
    public bool CanRead { get; init; }

    /// <summary>IW of the device and of all entries passed, and-ed.</summary>
    public bool CanWrite { get; init; }

    /// <summary>The level of the last entry of the part where it ended, 6 to 1; 0 without a walk.</summary>
    public int Level { get; init; }

    /// <summary>The address of the last entry, or of a device table entry that could not be read; 0 without either.</summary>
    public ulong EntryAddress { get; init; }

    /// <summary>In which tables it ended.</summary>
    public ReferenceIommuPart Part { get; init; }

    /// <summary>The guest physical address of the page behind v2 tables, or of what v1 tables below them refused.</summary>
    public ulong GuestAddress { get; init; }

    /// <summary>Whether NX of v2 tables allows to execute; only of such tables.</summary>
    public bool CanExecute { get; init; }

    /// <summary>The page table entries read, from the top, as they were when read.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Entries { get; init; }

    /// <summary>The updates of Accessed and Dirty, in order; at most one without v2 tables.</summary>
    public required IReadOnlyList<ReferenceTableEntry> Writes { get; init; }
}
