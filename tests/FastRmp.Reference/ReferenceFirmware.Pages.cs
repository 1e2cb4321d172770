using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>LAUNCH_UPDATE, MD_INIT and PAGE_MOVE (rmp 13.4).</content>
public sealed partial class ReferenceFirmware
{
    /// <summary>SNP_LAUNCH_UPDATE: Pre-Guest to Guest-Valid.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="command">The other fields.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus LaunchUpdate(ulong context, ReferenceLaunchUpdate command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!IsPage(context) || !IsPage(command.Page) || command.HasReserved) return ReferenceFirmwareStatus.InvalidParam;
        ReferenceFirmwareStatus status = Open(context, out Found owner);
        if (status != Success) return status;
        Found page = LookUp(command.Page);
        if (page.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!page.Is(ReferencePageState.PreGuest)) return ReferenceFirmwareStatus.InvalidPageState;
        if (!page.HasSize(command.Large)) return ReferenceFirmwareStatus.InvalidPageSize;
        if (command.Large && page.Page % RegionBytes != 0) return ReferenceFirmwareStatus.InvalidAddress;
        ReferencePageType type = (ReferencePageType)command.Type;
        bool small = type is ReferencePageType.Vmsa or ReferencePageType.Secrets or ReferencePageType.Cpuid;
        if (small && command.Large) return ReferenceFirmwareStatus.InvalidPageSize;
        if (type is <= ReferencePageType.None or > ReferencePageType.Cpuid) return ReferenceFirmwareStatus.InvalidParam;
        status = Map(owner);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(owner.Page);
        if (guest.State != ReferenceGuestState.Launch) return ReferenceFirmwareStatus.InvalidGuestState;
        if (guest.IsInactive) return ReferenceFirmwareStatus.Inactive;
        if (page.Entry!.Asid != guest.Asid) return ReferenceFirmwareStatus.InvalidPageOwner;
        if (guest.IsMigrationImage && !command.IsMigrationImage) return ReferenceFirmwareStatus.InvalidParam;
        status = AddressCheck(page.Page, BytesOf(command.Large));
        if (status != Success) return status;

        ReferenceEntry entry = page.Entry;
        entry.Validated = true;
        entry.Immutable = false;
        entry.Lock = false;
        entry.Vmpl1 = command.Mask1;
        entry.Vmpl2 = command.Mask2;
        entry.Vmpl3 = command.Mask3;
        if (type == ReferencePageType.Vmsa) entry.Vmsa = true;
        return Success;
    }

    /// <summary>SNP_MD_INIT: Firmware, of any size, to Metadata.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="address">The page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus MdInit(ulong context, ulong address)
    {
        if (!IsPage(context) || !IsPage(address)) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        Found owner = LookUp(context);
        Found page = LookUp(address);
        if (owner.IsOwn || page.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!owner.Is(ReferencePageState.Context)) return ReferenceFirmwareStatus.InvalidGuest;
        if (!page.Is(ReferencePageState.Firmware)) return ReferenceFirmwareStatus.InvalidPageState;
        ReferenceFirmwareStatus status = Map(owner);
        if (status != Success) return status;
        if (GuestAt(owner.Page).State == ReferenceGuestState.Init) return ReferenceFirmwareStatus.InvalidGuestState;
        status = AddressCheck(page.Page, BytesOf(page.Entry!.Large));
        if (status != Success) return status;
        MakeMetadata(page.Entry, owner.Page);
        Clear(page.Page, BytesOf(page.Entry.Large));
        return Success;
    }

    /// <summary>SNP_PAGE_MOVE: what the source held is in the destination afterwards.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="source">The source page.</param>
    /// <param name="destination">The destination page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <param name="hasReserved">Whether a reserved field is not 0.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageMove(ulong context, ulong source, ulong destination, bool large, bool hasReserved = false)
    {
        if (!IsPage(context) || !IsPage(source) || !IsPage(destination) || hasReserved) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        Found owner = LookUp(context);
        Found from = LookUp(source);
        Found to = LookUp(destination);
        if (owner.IsOwn || from.IsOwn || to.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!owner.Is(ReferencePageState.Context)) return ReferenceFirmwareStatus.InvalidGuest;

        // What the published code sees in a page without entry is undefined; here it has any size and is refused for its state.
        if (!from.HasSize(large) || !to.HasSize(large)) return ReferenceFirmwareStatus.InvalidPageSize;
        ReferenceFirmwareStatus status = MapForUse(owner, out ReferenceGuest guest);
        if (status != Success) return status;
        bool metadata = from.Is(ReferencePageState.Metadata) && to.Is(ReferencePageState.Firmware);
        bool data = from.State is ReferencePageState.PreGuest or ReferencePageState.PreSwap && to.Is(ReferencePageState.PreGuest);
        if (!metadata && !data) return ReferenceFirmwareStatus.InvalidPageState;
        bool owned = metadata ? OwnerOf(from) == owner.Page : from.Entry!.Asid == guest.Asid && to.Entry!.Asid == guest.Asid;
        if (!owned) return ReferenceFirmwareStatus.InvalidPageOwner;
        status = CopyTest(from.Page, to.Page, BytesOf(large));
        if (status != Success) return status;

        // The source is written first, which shows where it is the destination, too.
        if (metadata) MakeFirmware(from.Entry!);
        if (metadata) MakeMetadata(to.Entry!, owner.Page);
        if (metadata) MoveEntries(from.Page, to.Page, BytesOf(large));
        if (data) MoveData(from, to);
        return Success;
    }

    // The content is copied through windows of 64 MiB, and from where firmware may read to where it may write (taught by AMD's firmware).
    private ReferenceFirmwareStatus CopyTest(ulong from, ulong to, ulong bytes)
    {
        const ulong Window = 64UL * 1024 * 1024;
        bool fits = (from % Window) + bytes <= Window && (to % Window) + bytes <= Window;
        if (!fits) return ReferenceFirmwareStatus.InvalidParam;
        ReferenceFirmwareStatus status = AddressCheck(from, bytes);
        return status == Success ? AddressCheck(to, bytes) : status;
    }

    private static void MoveData(Found from, Found to)
    {
        ReferenceEntry copy = new();
        copy.CopyFrom(from.Entry!);
        foreach (ReferenceEntry entry in (ReadOnlySpan<ReferenceEntry>)[from.Entry!, to.Entry!])
        {
            entry.Validated = false;
            entry.Immutable = false;
            entry.Lock = false;
        }

        ReferenceEntry target = to.Entry!;
        target.Validated = from.State == ReferencePageState.PreSwap;
        target.Gpa = copy.Gpa;
        target.Vmsa = copy.Vmsa;
        for (int vmpl = 0; vmpl < 4; vmpl++) target.SetMask(vmpl, copy.Mask(vmpl));
        target.HighRest = copy.HighRest;
    }

    // For commands that want a guest which runs or is about to.
    private ReferenceFirmwareStatus MapForUse(Found owner, out ReferenceGuest guest)
    {
        guest = GuestAt(owner.Page);
        ReferenceFirmwareStatus status = Map(owner);
        if (status != Success) return status;
        if (guest.State == ReferenceGuestState.Init) return ReferenceFirmwareStatus.InvalidGuestState;
        return guest.IsInactive ? ReferenceFirmwareStatus.Inactive : Success;
    }

    // The page is filled with zeros, so that no metadata entry in it says anything.
    private void Clear(ulong page, ulong bytes)
    {
        foreach (ulong entry in EntriesIn(page, bytes)) _metadata.Remove(entry);
    }

    // What a page of metadata held goes with it.
    private void MoveEntries(ulong from, ulong to, ulong bytes)
    {
        Dictionary<ulong, ReferenceMetadata> held = [];
        foreach (ulong entry in EntriesIn(from, bytes)) held.Add(entry - from, _metadata[entry]);
        Clear(from, bytes);
        Clear(to, bytes);
        foreach (KeyValuePair<ulong, ReferenceMetadata> entry in held) _metadata[to + entry.Key] = entry.Value;
    }

    private List<ulong> EntriesIn(ulong page, ulong bytes)
    {
        List<ulong> inside = [];
        foreach (ulong entry in _metadata.Keys)
        {
            if (entry >= page && entry < page + bytes) inside.Add(entry);
        }

        return inside;
    }

    // The context page that a Metadata page names, without the tag.
    private static ulong OwnerOf(Found metadata) => metadata.Entry!.Gpa % MetadataTag;

    private static void MakeMetadata(ReferenceEntry entry, ulong context) => entry.Gpa = MetadataTag + context;

    private static void MakeFirmware(ReferenceEntry entry)
    {
        entry.Gpa = 0;
        entry.Vmsa = false;
    }
}
