using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Pages back to the host: PAGE_RECLAIM, PAGE_UNSMASH, PAGE_SET_STATE (rmp 13.5).</content>
public sealed partial class ReferenceFirmware
{
    // The low quadword of a Firmware page at rest, without Subpage_Count.
    private const ulong FirmwareAtRest = 0x8000_0000_0000_0005UL;

    private const ulong CountField = 0xFF8;

    /// <summary>SNP_PAGE_RECLAIM: firmware gives a page up; without effect on a page that is not immutable.</summary>
    /// <param name="address">The page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageReclaim(ulong address, bool large)
    {
        if (!IsPage(address)) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        ReferenceFirmwareStatus status = AddressCheck(Plain(address), BytesOf(large));
        if (status != Success) return status;
        Found page = LookUp(address);
        if (page.Entry is not ReferenceEntry entry) return Success;
        if (!page.HasSize(large)) return ReferenceFirmwareStatus.InvalidPageSize;
        if (large && page.Page % RegionBytes != 0) return ReferenceFirmwareStatus.InvalidAddress;
        if (!entry.Immutable) return Success;
        bool known = page.State is ReferencePageState.Metadata or ReferencePageState.Firmware
            or ReferencePageState.PreGuest or ReferencePageState.PreSwap;
        if (!known) return ReferenceFirmwareStatus.InvalidPageState;
        entry.Immutable = false;
        entry.Lock = false;
        if (page.Is(ReferencePageState.Metadata)) entry.Gpa %= MetadataTag;
        return Success;
    }

    /// <summary>SNP_PAGE_UNSMASH: 512 guest pages of 4 KiB become one of 2 MiB.</summary>
    /// <param name="address">The first page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageUnsmash(ulong address)
    {
        if (address % RegionBytes != 0) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        Found found = LookUp(address);
        if (found.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (Rmp.Geometry.OwnsAnyOf(found.Page, found.Page + RegionBytes - 1)) return ReferenceFirmwareStatus.InvalidAddress;
        if (found.Entry is null) return ReferenceFirmwareStatus.InvalidPageState;
        List<ReferenceEntry> region = [];
        for (ulong offset = 0; offset < RegionBytes; offset += PageBytes) region.Add(Rmp.Live(found.Page + offset));
        if (!MayBeJoined(region)) return ReferenceFirmwareStatus.InvalidPageState;

        region[0].Large = true;
        region[0].SubpageCount = 0;
        for (int i = 1; i < PagesPerRegion; i++)
        {
            region[i].Assigned = true;
            region[i].Asid = 0;
            region[i].Immutable = false;
            region[i].Lock = false;
        }

        return Success;
    }

    private static bool MayBeJoined(List<ReferenceEntry> region)
    {
        ReferenceEntry first = region[0];
        if (first.Gpa % RegionBytes != 0) return false;
        for (int i = 0; i < PagesPerRegion; i++)
        {
            ReferenceEntry entry = region[i];
            if (entry.Large || !entry.Immutable || entry.Vmsa || entry.Asid == 0) return false;
            if (ReferencePageStates.Decode(entry) != ReferencePageStates.Decode(first)) return false;
            if (entry.Asid != first.Asid || entry.ToHigh() != first.ToHigh()) return false;
            if (entry.Gpa != first.Gpa + ((ulong)i * PageBytes)) return false;
        }

        return true;
    }

    /// <summary>SNP_PAGE_SET_STATE: Firmware to HV_Fixed, from a list of ranges.</summary>
    /// <param name="list">The list.</param>
    /// <param name="length">The command's length field.</param>
    /// <param name="hasReserved">Whether a reserved field of the command is not 0.</param>
    /// <returns>The status. INVALID_ADDRESS may come when some pieces are done.</returns>
    public ReferenceFirmwareStatus PageSetState(ReferenceRangeList list, uint length = 16, bool hasReserved = false)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (length != 16) return ReferenceFirmwareStatus.InvalidLength;
        if (hasReserved || !IsPage(list.Address)) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        if (AddressCheck(Plain(list.Address), PageBytes) != Success) return ReferenceFirmwareStatus.InvalidAddress;
        ReferenceFirmwareStatus status = ReadList(list, RegionBytes, out List<ReferenceRange> ranges);
        if (status != Success) return status;
        ranges.Sort(static (one, other) => one.First.CompareTo(other.First));
        foreach (ReferenceRange range in ranges)
        {
            for (ulong page = range.First; page <= range.Last; page += PageBytes)
            {
                if (Rmp.Geometry.IsCovered(page) && (Rmp.Live(page).ToLow() & ~CountField) != FirmwareAtRest)
                {
                    return ReferenceFirmwareStatus.InvalidPageState;
                }
            }
        }

        foreach (ReferenceRange range in ranges)
        {
            for (ulong start = range.First; start <= range.Last && Rmp.Geometry.IsCovered(start); start += RegionBytes)
            {
                ulong pages = Math.Min(RegionBytes, range.Last - start + 1) / PageBytes;
                if (!TryFix(start, (int)pages)) return ReferenceFirmwareStatus.InvalidAddress;
            }
        }

        return Success;
    }

    private bool TryFix(ulong start, int pages)
    {
        if (start % RegionBytes != 0) return false;
        ReferenceEntry first = Rmp.Live(start);
        int count = first.SubpageCount;
        if (count + 1 < pages) return false;
        for (int i = 0; i < pages; i++) Rmp.Live(start + ((ulong)i * PageBytes)).SetRaw(0x4, 0);
        first.SubpageCount = count - (pages - 1);
        Rmp.CountFixed(pages);
        return true;
    }
}
