namespace FastRmp.Images;

/// <content>RMPUPDATE, PSMASH, leaks, and nested page faults.</content>
internal sealed partial class StoryWriter
{
    private const int LastUsedCode = 4;

    private void Update(LogStory story, LoggedRmpUpdate update)
    {
        string size = update.Level switch { 1 => "4K", 2 => "2M", null => "an unknown size", _ => T($"level {update.Level}") };
        string name = update.Name ?? (update.Code < 0 ? "an error of the kernel" : "no code of RMPUPDATE");
        foreach (LoggedRmpUpdate one in Of<LoggedRmpUpdate>(story))
        {
            Detail(story, "rmpupdate",
                $"PFN 0x{one.Pfn:x} (physical 0x{one.Pfn << 12:x}), {size}: {one.Code} {name}{(one.IsRetried ? ", the kernel tries again" : string.Empty)}");
        }

        foreach (LoggedRmpEntry entry in Of<LoggedRmpEntry>(story)) EntryDetail(story, entry);
        foreach (LoggedRegion region in Of<LoggedRegion>(story)) RegionDetail(story, region);
        story.Title = T($"RMPUPDATE refused: page 0x{update.Pfn:x}, {size}, {update.Code} {name}");
        story.What = T(
            $"The host wanted to change the RMP's entry of page 0x{update.Pfn:x}, and the processor answered {update.Code} {name}.");
        story.Rule = UpdateRule;
        switch (update.Code)
        {
            case 1: Input(story, update); break;
            case 2: Permission(story, update); break;
            case 3:
                story.Why =
                    "The entry is locked or in use: the page is the VMSA, VMCB or AVIC page of a VCPU that runs, or another processor is changing the entry.";
                story.NextList.Add(
                    "a VMSA can be taken back when its VCPU has left the guest: make it exit first (KVM does since mid-2026)");
                story.OpenList.Add(
                    "an entry with ASID field 0x3fe and Lock is a running VCPU's VMSA: the line 'RMP entry: […]' after the refusal shows it, "
                    + EntryCommand(update.Pfn));
                break;
            case LastUsedCode: Overlap(story); break;
            case 7:
                story.Why = "Early headers (series v6 and v7, Hyper-V) number FAIL_OVERLAP as 7; the instruction itself has no such code.";
                story.OpenList.Add("which kernel it is: uname -r");
                break;
            default:
                story.Why = update.Code < 0
                    ? "The kernel gave up before the instruction: the page is not valid memory, or the direct map could not be split."
                    : "The manual names no such code.";
                story.OpenList.Add("the messages before it: dmesg | grep -B 5 RMPUPDATE");
                break;
        }
    }

    private void Input(LogStory story, LoggedRmpUpdate update)
    {
        if (_table is { } table && update.Pfn >= table.CoveredBytes >> 12)
        {
            story.Why = T(
                $"The RMP covers memory up to 0x{table.CoveredBytes:x}, and the page lies beyond it: it has no entry, and stays the hypervisor's.");
            story.NextList.Add(
                "let the firmware reserve a table that covers all memory (BIOS: SNP Memory Coverage); fastrmp decode rmp-range BASE END --ram SIZE says how large");
            return;
        }

        story.Why =
            "The input is wrong: a 2M page that is not aligned, an unassigned page with ASID or Immutable, an ASID that is too large, or a page that the RMP does not cover.";
        if (update.Level == 2 && (update.Pfn & 0x1FF) != 0)
        {
            story.NextList.Add(T($"page 0x{update.Pfn:x} is not 2M-aligned, and the level says 2M"));
        }
        if (_table is null)
        {
            story.OpenList.Add("whether the table covers the page: the boot line 'RMP table physical range', dmesg | grep 'RMP table'");
        }
    }

    private void Permission(LogStory story, LoggedRmpUpdate update)
    {
        if (EdgeAt(update.Pfn) is { } edge && !IsInTable(update.Pfn))
        {
            story.Why = T(
                $"The page lies in the 2M block 0x{edge.Block:x}, which the {edge.Name} of the RMP shares with ordinary memory. Linux reserves the block, so that SNP_INIT_EX makes its pages HV_Fixed (Immutable); but the page was still handed out as guest memory.");
            story.NextList.Add(
                "take a kernel that also keeps such blocks out of the page allocator (commit 88a921aa3c6b, 6.11 and stable)");
            return;
        }

        if (IsInTable(update.Pfn))
        {
            story.Why = "The page is one of the RMP's own: Firmware state, Immutable: no software may change it.";
            story.NextList.Add("nothing may be allocated inside the table's range; the e820 map must have it reserved");
            return;
        }

        story.Why =
            "The page's own entry is Immutable: a HV_Fixed page, which the kernel reserved when SNP was initialised, or a page that firmware has.";
        if (Of<LoggedRegion>(story) is [var region, ..] && IsTableTail(region))
        {
            story.Why += T(
                $" The dump shows Firmware pages with nothing else in region 0x{region.Start:x}: they look like the end of the RMP itself, and the refused page is in the rest of that 2M block.");
            story.NextList.Add(
                "take a kernel that keeps the blocks at the table's edges out of the page allocator (commit 88a921aa3c6b, 6.11 and stable)");
        }

        if (Of<LoggedRegion>(story) is [{ IsElided: false } whole, ..] && !whole.List.Exists(entry => entry.Pfn == update.Pfn))
        {
            story.Why =
                "FAIL_PERMISSION says that the page's entry is Immutable, but the dump after it lists every entry that is not zero, and not this page: when the kernel read it, the entry was zero. It changed in between, or the base entry of the region is Immutable, or the instruction was executed in a guest (a nested host), where it always answers so.";
        }

        if (_table is null)
        {
            story.OpenList.Add("whether the page is next to the RMP: the boot line 'RMP table physical range', dmesg | grep 'RMP table'");
        }
        story.OpenList.Add(
            "the page's own entry (0x4 is HV_Fixed, 0x8000000000000005 Firmware): the dump of the region lists it if it is not zero, "
            + EntryCommand(update.Pfn));
    }

    private static bool IsTableTail(LoggedRegion region)
    {
        int firmware = 0;
        foreach (LoggedRmpEntry entry in region.Entries)
        {
            if (entry.State == PageState.Firmware) firmware++;
        }

        return firmware > 4 && region.Entries.Count > 0 && region.Entries[0].Pfn == region.Start
            && region.Entries[0].State == PageState.Firmware && region.Entries[0].Entry.SubpageCount != 0;
    }

    private static void Overlap(LogStory story)
    {
        story.Why =
            "Two causes that software cannot tell apart: the sizes conflict (4K inside a 2M page, or 2M over assigned 4K pages), which lasts; or another processor changes a page of the same 2M region, which passes.";
        story.NextList.Add(
            "mainline repeats the instruction while it answers 4; older host patches a limited number of times: repeated messages for one page mean a conflict that lasts");
        story.OpenList.Add(
            "whether the region is one 2M page: the entry of its base page, printed after the refusal or by 'fastrmp rmp CORE'");
    }

    private static void Leak(LogStory story)
    {
        ulong pages = 0;
        foreach (LoggedLeak leak in Of<LoggedLeak>(story)) pages += leak.End - leak.Start;
        LeakDetails(story);
        story.Title = T($"Pages given up: {pages}, from PFN 0x{((LoggedLeak)story.First).Start:x} on");
        story.What = T(
            $"The kernel keeps {(pages == 1 ? "a page" : T($"{pages} pages"))} out of use for ever, because it could not take them back from firmware or from a guest.");
        story.Why =
            "SNP_PAGE_RECLAIM or RMPUPDATE failed before: a page whose entry is still assigned would fault on the next host write, so Linux leaks it on purpose.";
        story.Rule = "SEV-SNP firmware ABI, SNP_PAGE_RECLAIM; AMD64 APM vol. 3, RMPUPDATE";
        story.NextList.Add(
            "look at the failed firmware command or RMPUPDATE before the leak; a timed-out secure processor leaks every buffer that it holds");
        if (Of<LoggedRegion>(story) is [{ IsElided: false, Entries.Count: 0 }, ..])
        {
            story.NextList.Add("the dump shows no assigned page: the pages were leaked although they are the hypervisor's again");
        }

        story.OpenList.Add("what failed: dmesg | grep -iE 'ccp|sev' before the line");
    }

    private static void LeakDetails(LogStory story)
    {
        const int MostDumps = 4; // one for each leaked page
        foreach (LoggedLeak leak in Of<LoggedLeak>(story))
        {
            ulong count = leak.End - leak.Start;
            Detail(story, "leaked",
                $"PFN 0x{leak.Start:x} to 0x{leak.End - 1:x}: {(count == 1 ? "1 page" : T($"{count} pages"))}, {Size(count << 12)}");
        }

        foreach (LoggedRmpEntry entry in Of<LoggedRmpEntry>(story)) EntryDetail(story, entry);
        int dumps = 0;
        foreach (LoggedRegion region in Of<LoggedRegion>(story))
        {
            if (dumps++ < MostDumps) RegionDetail(story, region);
        }
    }

    private static void Smash(LogStory story, LoggedPSmash smash)
    {
        foreach (LoggedPSmash one in Of<LoggedPSmash>(story).GetRange(0, int.Min(8, Of<LoggedPSmash>(story).Count)))
        {
            SmashDetail(story, one);
        }
        More(story, 8);
        SmashMeaning(story, smash);
        story.Title = smash.Code is { } code ? T(
            $"PSMASH: {code} {smash.Name ?? "(no code of PSMASH)"}, {Times(story.Count)}")
            : T($"PSMASH, {Times(story.Count)}");
    }

    private static void More(LogStory story, int shown)
    {
        if (story.Count > shown) Detail(story, "and", $"{story.Count - shown} more like these");
    }

    private static void SmashDetail(LogStory story, LoggedPSmash smash)
    {
        bool isSame = ((smash.Gpa >> 12) & 0x1FF) == (smash.Pfn & 0x1FF);
        Detail(
            story, "psmash",
            $"GPA 0x{smash.Gpa:x}, PFN 0x{smash.Pfn:x} (2M region 0x{smash.Pfn & ~0x1FFUL:x}){(smash.Code is { } code ? T($": {code} {smash.Name ?? "no code of PSMASH"}") : string.Empty)}{(isSame ? string.Empty : "; GPA and page lie at different places of their 2M regions")}");
    }

    private static void SmashMeaning(LogStory story, LoggedPSmash smash)
    {
        story.What = "KVM split the RMP's 2M page of a guest into 512 pages of 4K, for a fault of a 4K access.";
        story.Rule = "AMD64 APM vol. 3, PSMASH";
        switch (smash.Code)
        {
            case null or 0:
                story.Why = "PVALIDATE or RMPADJUST of 4K on a 2M page, or a nested mapping of 4K: the host has to answer with PSMASH.";
                break;
            case 7:
                story.What = "KVM wanted to split the RMP's page, and PSMASH answered 7 FAIL_BADADDR.";
                story.Why =
                    "The region is not one 2M page: another VCPU split it a moment before, or the fault was not one of sizes (RMP level 4K, nested mapping 2M).";
                story.NextList.Add("harmless if the guest goes on; a kernel that looks the level up first (6.11) does not print it");
                break;
            case 3:
                story.What = "KVM wanted to split the RMP's page, and PSMASH answered 3 FAIL_INUSE.";
                story.Why = "Another processor is changing the region: KVM repeats the instruction.";
                break;
            default:
                story.What = "KVM wanted to split the RMP's page and failed.";
                story.Why = smash.Code < 0 ? "The kernel refused before the instruction: the page is not valid memory." : "See the code.";
                break;
        }
    }

    private static void Nested(LogStory story, LoggedNestedFault first)
    {
        int shown = 0;
        foreach (LoggedNestedFault fault in Of<LoggedNestedFault>(story))
        {
            if (shown++ == 8) break;
            string vcpu = fault.Vcpu is { } number ? T($", VCPU {number}") : string.Empty;
            string levels = fault.RmpLevel is null && fault.NptLevel is null
                ? string.Empty
                : T($", RMP level {LevelText(fault.RmpLevel)}, nested level {LevelText(fault.NptLevel)}");
            Detail(story, "nested fault", $"{(fault.Address is { } gpa ? T($"GPA 0x{gpa:x}") : "address not printed")}{vcpu}{levels}");
        }

        int smashed = 0;
        foreach (LoggedPSmash smash in Of<LoggedPSmash>(story))
        {
            if (smashed++ < 8) SmashDetail(story, smash);
        }

        More(story, shown + smashed);
        Detail(story, "error code", $"0x{first.ErrorCode:x}: {CodeWords.Names(NestedFaultText.Fields(first.ErrorCode))}");
        story.IsTrouble = first.Code.Rmp;
        story.Title = T(
            $"{(first.Code.Rmp ? "Guest's RMP fault" : "Nested page fault, no RMP event")}: 0x{first.ErrorCode:x}, {Times(Of<LoggedNestedFault>(story).Count == story.List.Count ? story.Count : Of<LoggedNestedFault>(story).Count)}");
        story.What = T(
            $"The guest made {NestedFaultText.Meaning(first.ErrorCode)}.")
            .Replace("The guest made PVALIDATE", "The guest's PVALIDATE", System.StringComparison.Ordinal);
        foreach (EntryField remark in NestedFaultText.Remarks(first.ErrorCode))
        {
            if (remark.Name == "kvm") story.Why = $"KVM's answer: {remark.Value}.";
            else Detail(story, "note", $"{remark.Value}");
        }

        story.Rule = "AMD64 APM vol. 2, 15.25.6 and 15.36.10 (EXITINFO1)";
        if (first.Code.SizeMismatch)
        {
            story.NextList.Add(
                "normal while a guest validates its memory page by page; many of them cost time: back the guest with 4K or let it PVALIDATE 2M");
        }
        if (first.Code is { Rmp: true, Encrypted: false })
        {
            story.OpenList.Add("which side still has the page private: its RMP entry, and the gfn's memory attribute in KVM");
        }
    }

    private static string LevelText(int? level) =>
        level switch { 1 => "4K", 2 => "2M", 3 => "1G", null => "not printed", _ => T($"{level}") };
}
