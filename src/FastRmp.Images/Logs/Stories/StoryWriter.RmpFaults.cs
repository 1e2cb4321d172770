using System.Collections.Generic;

namespace FastRmp.Images;

/// <content>Page faults that the RMP caused.</content>
internal sealed partial class StoryWriter
{
    private void RmpFault(LogStory story, LoggedPageFault fault)
    {
        FaultDetails(story, fault);
        foreach (LoggedRmpEntry entry in Of<LoggedRmpEntry>(story)) EntryDetail(story, entry);
        foreach (LoggedRegion region in Of<LoggedRegion>(story)) RegionDetail(story, region);
        story.Rule = AccessRule
            + ": a host's write, also the walker's of Accessed and Dirty, needs a page that is not assigned; through a mapping of 2M or 1G, none of the 512 pages of the region may be";
        string page = fault.Frame is { } frame ? T($"page 0x{frame:x}") : "a page";
        string mapping = fault.MappingSize is { } size ? T($" through a mapping of {size.ShortName()}") : string.Empty;
        story.Title = T(
            $"RMP violation: {Access(fault)} to {page}{mapping}{(fault.Times == 1 ? string.Empty : T($", {fault.Times} times"))}");
        List<LoggedRmpEntry> entries = Of<LoggedRmpEntry>(story);
        if (!fault.IsAccessKnown)
        {
            story.OpenList.Add("what kind of access it was: the line '#PF: … access in … mode' and the one after it: " + FaultLines);
        }

        if (fault.IsAccessKnown && !fault.Code.Write) Walker(story, fault);
        else if (entries.Find(static entry => entry.Entry.Assigned) is { } own) Owned(story, fault, own);
        else if (Of<LoggedRegion>(story) is [var around, ..]) Unassigned(story, fault, around);
        else if (entries is [var free, ..]) Unassigned(story, fault, Around(free, entries));
        else NoEntry(story, fault);
        if (fault.Frame is { } pfn && EdgeAt(pfn) is { } edge && !IsInTable(pfn))
        {
            story.NextList.Add(T(
                $"the page shares the 2M block 0x{edge.Block:x} with the {edge.Name} of the RMP, whose own pages are Firmware: the block must be reserved, and mapped with 4K"));
        }
    }

    /// <summary>Reads and fetches are not checked: the page that was refused is a table's, and no entry in the log is its.</summary>
    private void Walker(LogStory story, LoggedPageFault fault)
    {
        story.What = fault.Frame is { } frame
            ? T($"On the way to page 0x{frame:x} the processor was refused a write to a page table.")
            : "The processor was refused a write to a page table.";
        story.Why =
            "The RMP does not check a host's reads and fetches: what it refused is the walker's setting of Accessed or Dirty in a page table that is not the hypervisor's. The entries in the log are of the page that was accessed, or of its region, and not of that table.";
        story.OpenList.Add("which table it is: the entries on the line 'PGD … PTE …' point at the tables, whose RMP entries decide: "
            + EntryCommand(null));
        if (fault.MappingSize is null) story.OpenList.Add("the line 'PGD … PTE …' of the oops: " + FaultLines);
    }

    private static string Access(LoggedPageFault fault) => !fault.IsAccessKnown ? "an access"
        : T($"{(fault.Code.User ? "user" : "kernel")} {(fault.Code.Write ? "write" : "access")}");

    private static string Writer(LoggedPageFault fault)
    {
        if (!fault.IsAccessKnown) return "Something was refused an access";
        string mode = fault.Code.User ? "User code" : "The kernel";
        return fault.Symbol is null || fault.Code.User ? mode + " wrote" : T($"The kernel, in {fault.Symbol}, wrote");
    }

    /// <summary>The entry is printed: the page is assigned.</summary>
    private void Owned(LogStory story, LoggedPageFault fault, LoggedRmpEntry logged)
    {
        RmpEntry entry = logged.Entry;
        story.What = T(
            $"{Writer(fault)} to page 0x{logged.Pfn:x}, and the RMP has that page as {logged.State.Name()}: {StateText.Meaning(logged.State)}.");
        if (IsInTable(logged.Pfn))
        {
            story.Why =
                "The page is one of the RMP's own: firmware made these Firmware pages when it built the table, and no software may write them.";
            story.NextList.Add("nothing may use memory inside the table's range; the e820 map must have it reserved");
            return;
        }

        if (entry.IsInUseVmsa)
        {
            story.Why = "The page is the VMSA of a VCPU that runs: VMRUN locked the entry and put 0x3fe where its owner's ASID stands.";
            story.NextList.Add("whoever writes it, or takes the page away, must make the VCPU leave the guest first");
            return;
        }

        story.Why = logged.State switch
        {
            PageState.GuestValid or PageState.GuestInvalid or PageState.PreGuest or PageState.PreSwap => GuestPage(story, entry),
            PageState.Context => "It is a guest context page: firmware's until SNP_DECOMMISSION and SNP_PAGE_RECLAIM.",
            PageState.Metadata => "It holds metadata of swapped pages: firmware's until it is reclaimed.",
            PageState.FirmwareIommu =>
                "It is a log or the completion store of an IOMMU: the IOMMU writes it, the host may only read it while SNP is on.",
            PageState.Reclaim => ReclaimPage(story),
            PageState.Firmware => FirmwarePage(story),
            _ => "The entry is in no state that firmware knows.",
        };
    }

    private static string GuestPage(LogStory story, RmpEntry entry)
    {
        if (entry.Vmsa)
        {
            story.NextList.Add(
                "do not synchronise or dump the state of an encrypted VCPU through its VMSA after SNP_LAUNCH_UPDATE; check for a second launch command on the same guest");
            return T(
                $"It holds the encrypted register state (VMSA) of a VCPU of the guest with ASID {entry.Asid}: from launch on it belongs to the guest.");
        }

        story.NextList.Add(
            "find who still has the page: a use after it was made private, a freed page that was never made shared, or another user of the direct map");
        return T(
            $"It is memory of the guest with ASID {entry.Asid} at GPA 0x{entry.Gpa.Value:x}: made private with RMPUPDATE and not made shared again.");
    }

    private static string ReclaimPage(LogStory story)
    {
        story.NextList.Add(
            "make the page shared with RMPUPDATE after SNP_PAGE_RECLAIM; or give the region's base entry to 'fastrmp decode rmp 1 --base LOW' if it may be part of a 2M page");
        return "Firmware is done with it, but the host has not taken it back; or it is a sub-page of a 2M page, whose entry looks the same: only the base entry decides.";
    }

    private static string FirmwarePage(LogStory story)
    {
        story.NextList.Add(
            "look for the firmware command whose buffer it was, and for a failed SNP_PAGE_RECLAIM or a leak before the fault");
        return "It was given to firmware, as a command buffer or as memory that it keeps, and was not reclaimed; after an SHUTDOWN or kexec it may be left over.";
    }

    /// <summary>The region of an entry that is not assigned and was printed without the others of its region.</summary>
    private static LoggedRegion Around(LoggedRmpEntry entry, List<LoggedRmpEntry> entries)
    {
        ulong start = entry.Pfn >> RegionShift << RegionShift;
        LoggedRegion region = new(entry.Place, entry.Pfn, start, start + PageSize.Size2M.Pages()) { IsElided = true };
        region.List.AddRange(entries);
        return region;
    }

    /// <summary>The region is dumped: the page itself is not assigned.</summary>
    private static void Unassigned(LogStory story, LoggedPageFault fault, LoggedRegion region)
    {
        bool hasAssigned = false;
        foreach (LoggedRmpEntry entry in region.Entries) hasAssigned |= entry.Entry.Assigned || entry.Entry.SubpageCount != 0;
        ulong? size = fault.MappingSize?.Bytes();
        story.What = T($"{Writer(fault)} to page 0x{region.Pfn:x}, which is not assigned.");
        if (size is null)
        {
            story.Why =
                "Either the write went through a 2M or 1G mapping whose region has an assigned page, or the page is in use by a running VCPU.";
            story.OpenList.Add("the size of the mapping decides: the line 'PGD … PTE …' of the oops, " + FaultLines);
        }
        else if (size == PageSize.Size4K.Bytes())
        {
            InUse(story, region);
        }
        else if (hasAssigned)
        {
            story.Why = T(
                $"The write went through a mapping of {(size == PageSize.Size2M.Bytes() ? "2M" : "1G")}, and other pages of the 2M region are assigned: such a write is checked against all 512.");
            story.NextList.Add(
                "the direct map has to be split to 4K there before the first RMPUPDATE of 4K (Linux: rmpupdate's adjust_direct_map since 6.9; earlier host patches split in the fault handler)");
            story.NextList.Add("in a memory image: fastrmp directmap CORE shows which regions are still mapped large");
        }
        else if (region.IsElided)
        {
            story.Why = "The write went through a large mapping; whether a page of the region is assigned stands in the dump.";
            story.OpenList.Add("the lines 'PFN: 0x…, […]' that were cut out: dmesg | grep 'SEV-SNP: PFN'");
        }
        else
        {
            story.Why =
                "No page of the region is assigned. A page in use by a running VCPU that is 2M-aligned makes its whole region fault through large mappings (erratum of Zen 3 and Zen 4); or the entry was being changed, and the fault was spurious.";
            story.OpenList.Add("whether it is a page of a VCPU: compare it with the VMCB, VMSA and AVIC pages of the running guests");
            story.NextList.Add("VMCB, VMSA and AVIC pages must not be 2M-aligned");
        }
    }

    private static void InUse(LogStory story, LoggedRegion region)
    {
        story.Why =
            "The mapping is of 4K and the page is not assigned, so neither ownership nor a size mismatch explains the fault: VMRUN marks the VMCB, the AVIC backing page and the VMSA of a guest without SNP as in use, and without HvInUseWrAllowed (CPUID 8000_001F EAX bit 30) a host write to such a page faults. The mark stands in no entry.";
        story.NextList.Add(
            "the code at RIP shows which page it is: an AVIC backing page (vAPIC) means AVIC has to be off on such a processor while SNP is on (Linux 6.13 inhibits it)");
        story.OpenList.Add(T($"that page 0x{region.Pfn:x} is a VCPU's: the line 'RIP: …' and the registers of the oops"));
        story.OpenList.Add("a fault that does not come again on a retry was spurious: the entry was being changed at that moment");
    }

    private void NoEntry(LogStory story, LoggedPageFault fault)
    {
        story.What = fault.Frame is { } frame
            ? T($"A host access to page 0x{frame:x} was refused by the RMP.")
            : "A host access was refused by the RMP.";
        story.Why =
            "The page, or with a large mapping another page of its 2M region, belongs to a guest or to firmware; or a running VCPU uses it.";
        story.OpenList.Add(
            "whose page it is stands in its RMP entry: the line 'SEV-SNP: PFN 0x…, RMP entry: […]' or the dump of its region, printed with the oops since 6.9; "
            + EntryCommand(fault.Frame));
        if (fault.MappingSize is null)
        {
            story.OpenList.Add("the page and the size of the mapping stand in the line 'PGD … PTE …': " + FaultLines);
        }
    }
}
