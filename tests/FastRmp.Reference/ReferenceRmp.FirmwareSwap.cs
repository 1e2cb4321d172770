using System;

namespace FastRmp.Reference;

/// <content>Firmware's commands that move pages: swap out, swap in, page move, metadata (rmp 3.1).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>SNP_SWAP_OUT of a page: Pre-Guest or Pre-Swap to Pre-Guest, Metadata to Firmware.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapOut(ulong spa, bool large)
    {
        ReferenceFirmwareStatus status = SourceTest(spa, large);
        if (status != ReferenceFirmwareStatus.Success) return status;
        ReferenceEntry entry = EntryOf(spa);
        if (StateOf(spa) == ReferencePageState.Metadata) WriteFirmwarePage(entry, gpa: 0, vmsa: false);
        else WriteGuestPage(entry, validated: false, immutable: true);
        return status;
    }

    /// <summary>SNP_SWAP_IN of a guest page: Pre-Guest to Pre-Swap if it was validated, otherwise it stays Pre-Guest.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <param name="page">What the metadata says.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapIn(ulong spa, bool large, ReferenceSwapIn page)
    {
        ArgumentNullException.ThrowIfNull(page);
        ReferenceFirmwareStatus status = PageTest(spa, large, ReferencePageState.PreGuest);
        if (status != ReferenceFirmwareStatus.Success) return status;
        if (page.Gpa % (large ? RegionBytes : PageBytes) != 0) return ReferenceFirmwareStatus.InvalidAddress;
        bool reserved = HasReservedPermissions(page.Mask0) || HasReservedPermissions(page.Mask1)
            || HasReservedPermissions(page.Mask2) || HasReservedPermissions(page.Mask3);
        if (reserved) return ReferenceFirmwareStatus.InvalidParam;

        ReferenceEntry entry = EntryOf(spa);
        WriteGuestPage(entry, page.Validated, immutable: true);
        entry.Gpa = page.Gpa & ReferenceEntry.GpaField & _processor.GpaMask;
        entry.Vmsa = page.Vmsa;
        entry.Vmpl0 = page.Mask0;
        entry.Vmpl1 = page.Mask1;
        entry.Vmpl2 = page.Mask2;
        entry.Vmpl3 = page.Mask3;
        return status;
    }

    /// <summary>SNP_SWAP_IN of a metadata page: Firmware to Metadata.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="context">The guest's context page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapInMetadata(ulong spa, ulong context) => MdInit(spa, context);

    /// <summary>SNP_MD_INIT: Firmware to Metadata.</summary>
    /// <param name="spa">The page.</param>
    /// <param name="context">The guest's context page, not page 0 and below 2^48.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus MdInit(ulong spa, ulong context)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large: false, ReferencePageState.Firmware);
        if (status != ReferenceFirmwareStatus.Success) return status;
        if (StateOf(context) != ReferencePageState.Context) return ReferenceFirmwareStatus.InvalidGuest;

        // A Metadata page holds the number of the context page, which fits below the tag and is not 0 (rmp 3).
        if (context >= MetadataTag || context < PageBytes) return ReferenceFirmwareStatus.InvalidAddress;
        WriteFirmwarePage(EntryOf(spa), MetadataTag + (context / PageBytes * PageBytes), vmsa: false);
        return status;
    }

    /// <summary>SNP_PAGE_MOVE: what the source held is in the destination afterwards.</summary>
    /// <param name="source">The source page.</param>
    /// <param name="destination">The destination page.</param>
    /// <param name="large">Whether 2 MiB are meant.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PageMove(ulong source, ulong destination, bool large)
    {
        ReferenceFirmwareStatus status = SourceTest(source, large);
        if (status != ReferenceFirmwareStatus.Success) return status;
        ReferencePageState state = StateOf(source);
        bool metadata = state == ReferencePageState.Metadata;
        status = PageTest(destination, large, metadata ? ReferencePageState.Firmware : ReferencePageState.PreGuest);
        if (status != ReferenceFirmwareStatus.Success) return status;
        if (source == destination) return ReferenceFirmwareStatus.InvalidParam;

        ReferenceEntry from = EntryOf(source);
        ReferenceEntry to = EntryOf(destination);
        if (metadata)
        {
            WriteFirmwarePage(to, from.Gpa, vmsa: false);
            WriteFirmwarePage(from, gpa: 0, vmsa: false);
            return status;
        }

        if (from.Asid != to.Asid) return ReferenceFirmwareStatus.InvalidPageOwner;
        MoveGuestPage(from, to, validated: state == ReferencePageState.PreSwap);
        return status;
    }

    private void MoveGuestPage(ReferenceEntry from, ReferenceEntry to, bool validated)
    {
        WriteGuestPage(to, validated, immutable: false);
        to.Gpa = from.Gpa;
        to.Vmsa = from.Vmsa;
        for (int vmpl = 0; vmpl < 4; vmpl++) to.SetMask(vmpl, from.Mask(vmpl));

        // The source is left as RMPUPDATE would have assigned it (rmp 2.6).
        WriteGuestPage(from, validated: false, immutable: false);
        from.Vmsa = false;
        from.SetMask(0, _processor.FullVmpl0Mask);
        for (int vmpl = 1; vmpl < 4; vmpl++) from.SetMask(vmpl, 0);
    }

    private ReferenceFirmwareStatus SourceTest(ulong spa, bool large)
    {
        ReferenceFirmwareStatus status = PageTest(spa, large);
        if (status != ReferenceFirmwareStatus.Success) return status;
        bool movable = StateOf(spa) is ReferencePageState.PreGuest or ReferencePageState.PreSwap or ReferencePageState.Metadata;
        return movable ? status : ReferenceFirmwareStatus.InvalidPageState;
    }
}
