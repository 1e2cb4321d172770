namespace FastRmp.Reference;

/// <content>What firmware's commands have in common (rmp 3.1).</content>
public sealed partial class ReferenceRmp
{
    // Firmware tags its pages in bits 50:48 of the entry (rmp 2.2).
    private const ulong MetadataTag = 1UL << 48;
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

    private static void WriteReclaim(ReferenceEntry entry)
    {
        WriteAsidZero(entry);
        entry.Assigned = true;
    }

    private static void WriteAsidZero(ReferenceEntry entry)
    {
        ReferenceEntry fresh = new() { Large = entry.Large, SubpageCount = entry.SubpageCount };
        entry.CopyFrom(fresh);
    }

    // Guest pages keep what the command does not name.
    private static void WriteGuestPage(ReferenceEntry entry, bool validated, bool immutable)
    {
        entry.Validated = validated;
        entry.Immutable = immutable;
        entry.Lock = immutable;
    }

    // The tests that every page command begins with: alignment, coverage, size.
    private ReferenceFirmwareStatus PageTest(ulong spa, bool large)
    {
        ReferenceFirmwareStatus place = PlaceTest(spa, large);
        if (place != ReferenceFirmwareStatus.Success) return place;
        return Peek(RegionOf(spa)).Large == large ? ReferenceFirmwareStatus.Success : ReferenceFirmwareStatus.InvalidPageSize;
    }

    private ReferenceFirmwareStatus PlaceTest(ulong spa, bool large)
    {
        if (!IsEnabled) return ReferenceFirmwareStatus.InvalidConfig;
        if (spa % (large ? RegionBytes : PageBytes) != 0) return ReferenceFirmwareStatus.InvalidAddress;

        // The RMP's own pages stay what they are (rmp 1.1).
        if (Geometry.OwnsAnyOf(spa, spa + (large ? RegionBytes : PageBytes) - 1)) return ReferenceFirmwareStatus.InvalidAddress;
        return Geometry.IsCovered(spa) ? ReferenceFirmwareStatus.Success : ReferenceFirmwareStatus.InvalidPageState;
    }

    private ReferenceFirmwareStatus PageTest(ulong spa, bool large, ReferencePageState wanted)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large);
        if (status != ReferenceFirmwareStatus.Success) return status;
        return StateOf(spa) == wanted ? ReferenceFirmwareStatus.Success : ReferenceFirmwareStatus.InvalidPageState;
    }
}
