using System;
using FastRmp.DirectMap;
using FastRmp.Internals;

namespace FastRmp;

/// <content>A guest's memory from guest_memfd: nested faults, making pages private, and shared again.</content>
public sealed partial class SnpHost<TGeometry, TPolicy>
{
    private const ulong PastLastAddress = 1UL << 52;

    /// <summary>Handles a nested page fault of an SNP guest as KVM does: decides private against shared, makes the page private in the RMP
    /// where it is the first touch, splits an RMP page of 2 MiB.</summary>
    /// <param name="exitInfo1">EXITINFO1.</param>
    /// <param name="exitInfo2">EXITINFO2: the guest physical address.</param>
    /// <param name="frame">The frame of that address.</param>
    /// <param name="asid">The guest.</param>
    /// <returns>What was done, and what the VMM in user space sees.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size in the frame is not a defined <see cref="PageSize"/>.</exception>
    /// <remarks>The rules are those of <see cref="KvmFaultResult.Predict"/>. A page is not available if RMPUPDATE refuses it, or if the
    /// policy takes it out of the direct map and there are no table pages for the split. Allocates nothing.</remarks>
    public KvmFaultResult HandleGuestFault(NestedPageFaultCode exitInfo1, GuestPhysicalAddress exitInfo2, in GuestFrame frame, uint asid)
    {
        KvmFaultResult.RefuseUnknown(frame);
        KvmFaultResult result = KvmFaultResult.Mapping(exitInfo1, exitInfo2, frame, isSnpGuest: true, isHad: true, PageSize.Size2M);
        if (result.Action != KvmAction.Map) return result;
        if (result.IsPrivate && frame.Page is { } page)
        {
            if (!MakePrivate(page, exitInfo2, frame.FolioSize, asid).IsDone)
            {
                return KvmFaultResult.Mapping(exitInfo1, exitInfo2, frame, isSnpGuest: true, isHad: false, PageSize.Size4K);
            }

            PageSize size = Table.Lookup(page).Size;
            if (size < result.MappingSize) result = result with { MappingSize = size };
        }

        bool isOfGuestMemfd = result.IsPrivate || frame.SharesGuestMemfd;
        if (TPolicy.TakesOutGuestPages && isOfGuestMemfd && frame.Page is { } mapped
            && DirectMap.Zap(mapped, frame.FolioSize) == SplitStatus.OutOfTablePages)
        {
            return KvmFaultResult.Mapping(exitInfo1, exitInfo2, frame, isSnpGuest: true, isHad: false, PageSize.Size4K);
        }

        if (!exitInfo1.Rmp) return result;
        if (!frame.IsPrivate) return result with { Rmp = FaultOutcome.NotPrivate };
        return result with { Rmp = frame.Page is { } own ? HandleNestedPageFault(own, exitInfo1) : FaultOutcome.NotAssigned };
    }

    /// <summary>Makes a page of a guest_memfd private in the RMP, as KVM does at the guest's fault: one RMPUPDATE of 2 MiB if the folio
    /// reaches so far and nothing of the region is assigned, else of 4 KiB.</summary>
    /// <param name="page">The page; any address in it.</param>
    /// <param name="gpa">The guest physical address that it is to have; any address in the frame.</param>
    /// <param name="folioSize">The largest size up to which both addresses have the same alignment, as the caller guarantees; both are
    /// rounded down.</param>
    /// <param name="asid">The guest.</param>
    /// <returns>The outcome. A page that is already assigned, to any owner, is not changed: done, without an instruction.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not a defined <see cref="PageSize"/>.</exception>
    /// <remarks>Source: Linux, arch/x86/kvm/svm/sev.c (sev_gmem_prepare). Entries that were split are never joined by this function.
    /// Allocates nothing.</remarks>
    public HostUpdate MakePrivate(PhysicalAddress page, GuestPhysicalAddress gpa, PageSize folioSize, uint asid)
    {
        if (folioSize > PageSize.Size1G) Throw.NoPageSize(nameof(folioSize), (int)folioSize);
        if (IsSnpEnabled && Table.Lookup(page).IsAssigned) return new HostUpdate(HostUpdateStatus.Done, page, null, 0);
        if (TPolicy.TakesOutGuestPages && DirectMap.Choices.ZapOnAllocation && IsSnpEnabled
            && DirectMap.Zap(page, folioSize) == SplitStatus.OutOfTablePages)
        {
            return new HostUpdate(HostUpdateStatus.SplitFailed, page, null, 0);
        }

        PageSize size = folioSize != PageSize.Size4K && Table.IsHypervisorOwned(page, PageSize.Size2M) ? PageSize.Size2M : PageSize.Size4K;
        return RmpUpdate(
            page.AlignDown(size), new RmpUpdateOperand { Assigned = true, PageSize = size, Asid = asid, Gpa = gpa.AlignDown(size).Value });
    }

    /// <summary>Frees pages of a guest_memfd: puts them back into the direct map if the policy took them out, then releases them in the
    /// RMP.</summary>
    /// <param name="range">The pages; what is not a whole page of 4 KiB at either end is left out.</param>
    /// <returns>What was done in the RMP, as <see cref="MakeShared"/> reports it.</returns>
    /// <remarks>Between the two steps a host write meets a present leaf and an assigned page. Source: lkml, guest_memfd NO_DIRECT_MAP
    /// series. A large leaf of which only a part is freed, and which cannot be split for lack of a table page, stays not present as a
    /// whole. Allocates nothing.</remarks>
    public GuestMemoryRelease FreeGuestMemory(PhysicalRange range)
    {
        if (TPolicy.TakesOutGuestPages) _ = DirectMap.Restore(range);
        return MakeShared(range);
    }

    /// <summary>Gives pages of a guest_memfd back, when they become shared in place or are freed: by 2 MiB where a whole RMP page lies in
    /// the range, else by 4 KiB after a PSMASH.</summary>
    /// <param name="range">The pages; what is not a whole page of 4 KiB at either end is left out.</param>
    /// <returns>What was done.</returns>
    /// <remarks>
    /// Source: Linux, arch/x86/kvm/svm/sev.c (sev_gmem_invalidate). Pages that are not assigned are passed over. A page that cannot be
    /// released, after a failed PSMASH too, is counted and skipped: it goes back to the allocator with its entry still assigned, and the
    /// host's next write to it is an RMP fault. While SNP is off nothing is done. Cost: the regions of 2 MiB in the range that have
    /// entries, and the pages of those of which any is assigned. Allocates nothing.
    /// </remarks>
    public GuestMemoryRelease MakeShared(PhysicalRange range)
    {
        GuestMemoryRelease done = default;
        if (!IsSnpEnabled) return done;
        PhysicalRange pages = range.WholePages();
        ulong end = Math.Min(pages.End, PastLastAddress);
        for (ulong at = pages.Start.Value; at < end;)
        {
            at += Release(PhysicalAddress.Truncate(at), end - at, ref done).Bytes();
        }

        return done;
    }

    /// <summary>Releases the page, or the 2 MiB that begin with it.</summary>
    private PageSize Release(PhysicalAddress page, ulong left, ref GuestMemoryRelease done)
    {
        bool isRegion = page.IsAligned(PageSize.Size2M) && left >= PageSize.Size2M.Bytes();
        if (isRegion && Table.IsHypervisorOwned(page, PageSize.Size2M))
        {
            // Where a GiB begins without entries, it has none: segments, and what they map, are whole GiB, and a contiguous RMP has no
            // holes.
            bool isBeyond = page.IsAligned(PageSize.Size1G) && left >= PageSize.Size1G.Bytes() && !Table.Lookup(page).IsCovered;
            return isBeyond ? PageSize.Size1G : PageSize.Size2M;
        }

        RmpLookup found = Table.Lookup(page);
        if (!found.IsAssigned) return PageSize.Size4K;
        bool isWhole = isRegion && found.Size == PageSize.Size2M;
        PageSize size = isWhole ? PageSize.Size2M : PageSize.Size4K;
        if (found.Size == PageSize.Size2M && !isWhole)
        {
            if (!(_instructions ?? Table).PSmash(Processor, page.AlignDown(PageSize.Size2M), MaxRetries, out _).IsSuccess)
            {
                done = done with { Leaked = done.Leaked + 1 };
                return size;
            }

            done = done with { Smashes = done.Smashes + 1 };
        }

        bool isReleased = RmpUpdate(page, new RmpUpdateOperand { PageSize = size }).IsDone;
        done = isReleased ? done with { Updates = done.Updates + 1, Released = done.Released + (long)size.Pages() } : done with
        {
            Leaked = done.Leaked + (long)size.Pages(),
        };
        return size;
    }
}
