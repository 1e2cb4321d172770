using System;

namespace FastRmp.Reference;

/// <content>Firmware's commands on guest contexts, launches and single pages (rmp 3.1). A refused command changes nothing.</content>
public sealed partial class ReferenceRmp
{
    /// <summary>SNP_GCTX_CREATE: Firmware to Context.</summary>
    /// <param name="spa">The page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus GctxCreate(ulong spa)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large: false, ReferencePageState.Firmware);
        if (status == ReferenceFirmwareStatus.Success) WriteFirmwarePage(EntryOf(spa), gpa: 0, vmsa: true);
        return status;
    }

    /// <summary>SNP_DECOMMISSION: Context to Firmware.</summary>
    /// <param name="spa">The page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Decommission(ulong spa)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large: false, ReferencePageState.Context);
        if (status == ReferenceFirmwareStatus.Success) WriteFirmwarePage(EntryOf(spa), gpa: 0, vmsa: false);
        return status;
    }

    /// <summary>SNP_ACTIVATE: no page may be assigned to the ASID any more (rmp 1.5).</summary>
    /// <param name="asid">The ASID.</param>
    /// <param name="context">The guest's context page, or null if nobody says.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Activate(uint asid, ulong? context)
    {
        if (!IsEnabled) return ReferenceFirmwareStatus.InvalidConfig;
        if (asid == 0 || asid > _processor.MaxAsid) return ReferenceFirmwareStatus.InvalidAsid;
        bool noContext = context is ulong page && StateOf(page) != ReferencePageState.Context;
        if (noContext) return ReferenceFirmwareStatus.InvalidGuest;
        return Counter(asid) == 0 ? ReferenceFirmwareStatus.Success : ReferenceFirmwareStatus.AsidOwned;
    }

    /// <summary>SNP_LAUNCH_UPDATE: Pre-Guest to Guest-Valid.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <param name="vmsa">Whether it becomes a VMSA page; 4 KiB only.</param>
    /// <param name="mask1">Permissions of VMPL1.</param>
    /// <param name="mask2">Permissions of VMPL2.</param>
    /// <param name="mask3">Permissions of VMPL3.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus LaunchUpdate(ulong spa, bool large, bool vmsa, byte mask1, byte mask2, byte mask3)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large, ReferencePageState.PreGuest);
        if (status != ReferenceFirmwareStatus.Success) return status;
        if (vmsa && large) return ReferenceFirmwareStatus.InvalidPageSize;
        bool reserved = HasReservedPermissions(mask1) || HasReservedPermissions(mask2) || HasReservedPermissions(mask3);
        if (reserved) return ReferenceFirmwareStatus.InvalidParam;

        ReferenceEntry entry = EntryOf(spa);
        WriteGuestPage(entry, validated: true, immutable: false);
        entry.Vmsa = vmsa;
        entry.Vmpl1 = mask1;
        entry.Vmpl2 = mask2;
        entry.Vmpl3 = mask3;
        return status;
    }

    /// <summary>SNP_PAGE_RECLAIM: firmware gives a page up; without effect on a page that is not immutable.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageReclaim(ulong spa, bool large)
    {
        ReferenceFirmwareStatus place = PlaceTest(spa, large);
        if (place != ReferenceFirmwareStatus.Success) return place;
        if (!Lookup(spa).Immutable) return ReferenceFirmwareStatus.Success;
        ReferenceFirmwareStatus size = PageTest(spa, large);
        if (size != ReferenceFirmwareStatus.Success) return size;

        ReferenceEntry entry = EntryOf(spa);
        switch (StateOf(spa))
        {
            case ReferencePageState.Metadata or ReferencePageState.Firmware:
                WriteReclaim(entry);
                return ReferenceFirmwareStatus.Success;
            case ReferencePageState.PreGuest:
                WriteGuestPage(entry, validated: false, immutable: false);
                return ReferenceFirmwareStatus.Success;
            case ReferencePageState.PreSwap:
                WriteGuestPage(entry, validated: true, immutable: false);
                return ReferenceFirmwareStatus.Success;
            default:
                return ReferenceFirmwareStatus.InvalidPageState;
        }
    }

    /// <summary>SNP_PAGE_UNSMASH: 512 guest pages of 4 KiB become one of 2 MiB.</summary>
    /// <param name="spa">The first page, 2 MiB-aligned.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageUnsmash(ulong spa)
    {
        ReferenceFirmwareStatus place = PlaceTest(spa, large: true);
        if (place != ReferenceFirmwareStatus.Success) return place;
        if (Peek(spa).Large) return ReferenceFirmwareStatus.InvalidPageSize;
        ReferenceEntry[] region = Region(spa);
        if (!MayBeJoined(region)) return ReferenceFirmwareStatus.InvalidPageState;

        // The other fields of the sub-entries become stale (rmp 2.3).
        for (int i = 1; i < PagesPerRegion; i++)
        {
            region[i].Asid = 0;
            region[i].Immutable = false;
            region[i].Lock = false;
        }

        region[0].Large = true;
        region[0].SubpageCount = 0;
        region[0].Lock = true;
        return ReferenceFirmwareStatus.Success;
    }

    private static bool MayBeJoined(ReferenceEntry[] region)
    {
        ReferenceEntry first = region[0];
        ReferencePageState state = ReferencePageStates.Decode(first);
        if (state is not (ReferencePageState.PreGuest or ReferencePageState.PreSwap) || first.Vmsa) return false;
        if (first.Gpa % RegionBytes != 0) return false;
        for (int i = 1; i < PagesPerRegion; i++)
        {
            ReferenceEntry entry = region[i];
            bool sameOwner = ReferencePageStates.Decode(entry) == state && entry.Asid == first.Asid && !entry.Vmsa;
            bool next = entry.Gpa == first.Gpa + ((ulong)i * PageBytes);
            if (!sameOwner || !next || entry.ToHigh() != first.ToHigh()) return false;
        }

        return true;
    }

    /// <summary>SNP_PAGE_SET_STATE: Firmware to HV_Fixed, in whole regions of 2 MiB and never the RMP itself.</summary>
    /// <param name="spa">The first page, 2 MiB-aligned.</param>
    /// <param name="pages">How many 4 KiB pages, a multiple of 512.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageSetState(ulong spa, ulong pages)
    {
        if (!IsEnabled) return ReferenceFirmwareStatus.InvalidConfig;
        bool whole = spa % RegionBytes == 0 && pages != 0 && pages % PagesPerRegion == 0;
        if (!whole) return ReferenceFirmwareStatus.InvalidAddress;

        // Each test is made of the whole range before the next one.
        UInt128 end = spa + ((UInt128)pages * PageBytes);
        if (end > 1UL << 52) return ReferenceFirmwareStatus.InvalidPageState;
        if (Geometry.OwnsAnyOf(spa, (ulong)end - 1)) return ReferenceFirmwareStatus.InvalidAddress;
        for (UInt128 start = spa; start < end; start += RegionBytes)
        {
            if (start >= 1UL << 52 || !Geometry.IsCovered((ulong)start)) return ReferenceFirmwareStatus.InvalidPageState;
        }

        ulong last = (ulong)end - 1;
        for (ulong start = spa; start <= last; start += RegionBytes)
        {
            if (Peek(start).Large) return ReferenceFirmwareStatus.InvalidPageSize;
        }

        for (ulong page = spa; page <= last; page += PageBytes)
        {
            if (StateOf(page) != ReferencePageState.Firmware) return ReferenceFirmwareStatus.InvalidPageState;
        }

        for (ulong start = spa; start <= last; start += RegionBytes)
        {
            foreach (ReferenceEntry entry in Region(start)) WriteInitial(entry, ReferencePageState.HvFixed);
        }

        if (_choices.CountAsidZero) _counters[0] -= (long)pages;
        return ReferenceFirmwareStatus.Success;
    }
}
