namespace FastRmp.Reference;

/// <content>What firmware's commands have in common (rmp 3.1).</content>
public sealed partial class ReferenceRmp
{
    // Firmware tags its pages in bits 50:48 of the entry (rmp 2.2).
    private const ulong IommuTag = 2UL << 48;

    // Pages of ASID 0 are written whole, only the count of a base entry and its size stay (rmp 1.6, 5.2).
    private static void WriteFirmwarePage(ReferenceEntry entry, ulong gpa, bool vmsa)
    {
        WriteAsidZero(entry);
        entry.Assigned = true;
        entry.Immutable = true;
        entry.Lock = true;
        entry.Gpa = gpa;
        entry.Vmsa = vmsa;
    }

    private static void WriteAsidZero(ReferenceEntry entry)
    {
        ReferenceEntry fresh = new() { Large = entry.Large, SubpageCount = entry.SubpageCount };
        entry.CopyFrom(fresh);
    }
}
