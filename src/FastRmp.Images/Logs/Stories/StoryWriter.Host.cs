using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Firmware;

namespace FastRmp.Images;

/// <content>What a host prints while it boots and of its firmware, the direct map, and single messages.</content>
internal sealed partial class StoryWriter
{
    private void Setup(LogStory story)
    {
        List<string> refusals = [];
        foreach (LogFinding finding in story.List) SetupDetail(story, finding, refusals);
        story.Rule = "AMD64 APM vol. 2, 15.36.3 and 15.36.4 (Reverse Map Table, initialising it)";
        Covered(story);
        if (refusals.Count == 0) return;
        story.IsTrouble = true;
        story.Title = T($"SNP cannot be used on this host: {refusals[0]}");
        story.Why = string.Join(' ', refusals.Distinct());
        story.NextList.Add(
            "BIOS: SMEE on, SEV-ES ASID space limit above 1, SNP memory (RMP table) coverage on, SEV-SNP support of the IOMMU on; kernel command line without iommu=pt and amd_iommu=off");
    }

    private void Covered(LogStory story)
    {
        ulong segments = 0;
        foreach (LoggedRmpSegment segment in Of<LoggedRmpSegment>(story)) segments += segment.Covered.Size;
        if (_table is { } table)
        {
            story.Title = T($"An SNP host: RMP at 0x{table.Start:x}, {Size(table.Size)}, covers {Size(table.CoveredBytes)}");
            story.What = T(
                $"The RMP has {Size(table.Size)}: 16 KiB for the processor, then 16 bytes for each 4K page of the first {Size(table.CoveredBytes)} of memory.");
        }
        else if (segments != 0)
        {
            story.Title = T($"An SNP host: segmented RMP, covers {Size(segments)}");
            story.What = "The RMP is segmented: each part of memory has its entries in a segment of its own.";
        }
        else
        {
            story.Title = "An SNP host's boot messages";
            story.What = "The log has messages of a host with SEV, but not where the RMP is.";
            story.OpenList.Add("where the RMP is, and what it covers: dmesg | grep 'RMP table'");
        }

        if (_table is { CoversItself: false })
        {
            story.NextList.Add(
                "the table does not cover its own pages: firmware refuses it (SNP_INIT: INVALID_CONFIG or RMP_INITIALIZATION_FAILED)");
        }
        List<TableEdge> shared = _edges.FindAll(static edge => !edge.IsAligned);
        if (shared.Count == 0)
        {
            story.Why = _edges.Count == 0 ? "The table's place decides what Linux has to reserve around it."
                : "All edges lie on 2M boundaries: no block is shared with ordinary memory.";
            return;
        }

        story.Why =
            "An edge that is not 2M-aligned leaves a block that is half RMP and half memory: a 2M mapping or a 2M RMPUPDATE cannot be used there, so Linux reserves it.";
        foreach (TableEdge edge in shared)
        {
            bool isReserved = Of<LoggedRmpFact>(story).Exists(fact => fact.Fact == RmpFact.Boundary && fact.First == edge.Block);
            Detail(story, "shared block",
                $"0x{edge.Block:x}, {edge.Name}{(isReserved ? ", reserved" : ", no message that it was reserved")}");
            if (!isReserved) Usable(story, edge);
        }
    }

    private void Usable(LogStory story, TableEdge edge)
    {
        foreach (PhysicalSpan ram in _report.Usable)
        {
            if (ram.End < edge.Block || ram.Start > edge.Block + PageSize.Size2M.OffsetMask()) continue;
            story.NextList.Add(T(
                $"usable memory 0x{ram.Start:x} to 0x{ram.End:x} lies in the block 0x{edge.Block:x} of the table's {edge.Name}: 4K pages there must not be mapped with 2M, as kexec's identity mapping does"));
            foreach (ulong address in _report.Loaded)
            {
                if (address >> 21 == edge.Block >> 21)
                {
                    story.NextList.Add(T($"kexec put a segment at 0x{address:x}, inside that block: writing it faults"));
                }
            }
        }
    }

    private static void SetupDetail(LogStory story, LogFinding finding, List<string> refusals)
    {
        switch (finding)
        {
            case LoggedRmpTable table:
                Detail(story, "rmp",
                    $"0x{table.Start:x} - 0x{table.End:x}, {Size(table.Size)}; covers 0 - 0x{table.CoveredBytes - 1:x}{(table.CoversItself ? string.Empty : ", but not itself")}");
                break;
            case LoggedRmpSegment segment:
                ulong entries = segment.Table.Size / RmpEntry.SizeInBytes * PageSize.Size4K.Bytes();
                string fit = entries == segment.Covered.Size ? string.Empty
                    : T($", but has entries for {Size(entries)}, and that range has {Size(segment.Covered.Size)}");
                Detail(story, "segment",
                    $"{segment.Index}: 0x{segment.Table.Start:x} - 0x{segment.Table.End:x}, covers 0x{segment.Covered.Start:x} - 0x{segment.Covered.End:x}{fit}");
                if (fit.Length != 0)
                {
                    string doubt =
                        "a segment has 16 bytes for each 4K page that it covers: a line whose sizes do not fit is damaged, or not the kernel's";
                    if (!story.OpenList.Contains(doubt)) story.OpenList.Add(doubt);
                }

                break;
            case LoggedAsids asids:
                string range = asids.First > asids.Last ? T(
                    $"{asids.First} - {asids.Last}, which is none")
                    : T($"{asids.First} - {asids.Last}");
                string state = asids.State switch
                {
                    "disabled" => ", disabled: KVM does not offer it",
                    "unusable" => ", unusable: every identifier went to the other kinds, so no guest of this one can start",
                    _ => string.Empty,
                };
                Detail(story, "asids", $"{asids.Kind}: {(asids.Count is { } count ? T($"{count}") : range)}{state}");
                if (asids is { Kind: "sev_snp", State: "disabled" }) refusals.Add("KVM has SEV-SNP disabled.");
                break;
            case LoggedFirmware { Version: { } version } firmware:
                Detail(story, "firmware", $"{firmware.Command} API {version.Major}.{version.Minor} build {version.Build}");
                break;
            case LoggedRmpFact fact:
                FactDetail(story, fact, refusals);
                break;
        }
    }

    private static void FactDetail(LogStory story, LoggedRmpFact fact, List<string> refusals)
    {
        switch (fact.Fact)
        {
            case RmpFact.SegmentTable: Detail(story, "segment table", $"0x{fact.First:x} - 0x{fact.Second:x}"); break;
            case RmpFact.SegmentGigabytes: Detail(story, "segments", $"of {fact.First} GiB"); break;
            case RmpFact.Boundary: Detail(story, "reserved", $"the 2M block 0x{fact.First:x}"); break;
            case RmpFact.BaseRegister: Detail(story, "RMP_BASE", $"0x{fact.First:x}"); break;
            case RmpFact.EndRegister: Detail(story, "RMP_END", $"0x{fact.First:x}"); break;
            case RmpFact.MappedAt: Detail(story, "mapped", $"at 0x{fact.First:x}, last offset 0x{fact.Second:x}"); break;
            case RmpFact.SnpEnabled: Detail(story, "SNP_EN", $"{fact.First}"); break;
            case RmpFact.VmplEnabled: Detail(story, "VMPLEn", $"{fact.First}"); break;
            case RmpFact.Optimized:
                string range = $"0x{fact.First:x} - 0x{fact.Second:x}";
                Detail(story, "rmpopt", $"{range}: writes of the host skip RMP checks in each GiB without an assigned page");
                break;
            case RmpFact.AvicForcedOff: Detail(story, "iommu", $"virtual APIC off, because of SNP"); break;
            case RmpFact.IommuSnp when fact.First == 1: Detail(story, "iommu", $"supports SNP"); break;
            case RmpFact.IommuSnp:
                Detail(story, "iommu", $"{fact.Text}");
                refusals.Add("The IOMMU is off, in passthrough mode, or of a kind that SNP cannot be used with.");
                break;
            case RmpFact.NoRange:
                Detail(story, "no range", $"{fact.Text}");
                string damaged = "the line with that range is damaged, or not the kernel's: Linux refuses such registers";
                if (!story.OpenList.Contains(damaged)) story.OpenList.Add(damaged);
                break;
            case RmpFact.NoTable:
                Detail(story, "rmp", $"not reserved by the machine's firmware");
                refusals.Add("The BIOS reserved no memory for the RMP (RMP_BASE and RMP_END have no address in them).");
                break;
            case RmpFact.TooSmall:
                bool isTable = fact.Text == "table";
                Detail(story, "rmp",
                    $"{(isTable ? "the table needs" : "memory ends at")} 0x{fact.First:x}, {(isTable ? "it has" : "the segments cover up to")} 0x{fact.Second:x}");
                refusals.Add("The RMP does not cover all memory.");
                break;
            default:
                Detail(story, "rmp", $"{fact.Text ?? "refused"}");
                bool isOld = fact.Text?.Contains("firmware version", StringComparison.Ordinal) == true;
                refusals.Add(isOld ? "The SEV firmware is too old for SNP." : "The kernel could not use the RMP.");
                break;
        }
    }

    private static void Refusals(LogStory story)
    {
        const int MostNamed = 3;
        List<LoggedFirmware> all = Of<LoggedFirmware>(story);
        List<string> commands = [];
        List<string> what = [];
        List<string> why = [];
        foreach (LoggedFirmware firmware in all)
        {
            string status = firmware.Status is { } value
                ? value == 0 ? ", no status of the firmware" : T($", status 0x{value:x} {FirmwareStatusText.Name(value)}")
                : string.Empty;
            string code = firmware.Code is { } number ? T($", rc {number}{FirmwareStatusText.Error(number)}") : string.Empty;
            string name = CommandName(firmware.Command);
            bool isLate = firmware.Report == FirmwareReport.TimedOut;
            string end = isLate ? " timed out: the secure processor is not used any more" : " failed";
            Detail(story, "firmware", $"{name}{end}{code}{status}");
            Once(commands, name);
            Once(what, isLate ? $"The secure processor did not answer {name} in time." : $"{name} failed.");
            Once(why, Reason(firmware));
        }

        bool isDead = all.Exists(static firmware => firmware.Report == FirmwareReport.TimedOut || firmware.Code == -110);
        string named = string.Join(", ", commands.GetRange(0, int.Min(MostNamed, commands.Count)));
        if (commands.Count > MostNamed) named += T($" and {commands.Count - MostNamed} more");
        story.Title = T($"The SEV firmware {(isDead ? "does not answer" : "refuses")}: {named}");
        story.What = string.Join(' ', what);
        LeakDetails(story);
        if (Of<LoggedLeak>(story).Count != 0)
        {
            story.What += " Pages that the firmware still had could not be taken back, and the kernel gave them up for ever.";
        }
        story.Rule = "SEV-SNP firmware ABI, status codes";
        story.Why = string.Join(' ', why);
        story.NextList.Add("firmware's version and state: dmesg | grep -iE 'ccp|sev'; snphost ok");
        if (all.Exists(static firmware => firmware.Status == (ulong)FirmwareStatus.InvalidConfig))
        {
            story.NextList.Add(
                "BIOS: SMEE, SNP memory (RMP table) coverage, SEV-SNP support of the IOMMU; then the newest BIOS and firmware");
        }

        if (isDead) story.NextList.Add("only a reset of the machine brings the secure processor back");
        if (all.Exists(static firmware => firmware.Code is null && firmware.Status is null && firmware.Report != FirmwareReport.TimedOut))
        {
            story.OpenList.Add("the status: with 'dyndbg=\"file sev-dev.c +p\"' for the module ccp the kernel prints it for each command");
        }
    }

    private static void Once(List<string> texts, string text)
    {
        if (!texts.Contains(text)) texts.Add(text);
    }

    /// <summary>Why one command failed, as far as its status, else Linux's error, says.</summary>
    private static string Reason(LoggedFirmware firmware)
    {
        if (firmware.Status is { } status and not 0)
        {
            string meaning = FirmwareStatusText.Meaning(status) is { } text ? $": {text}" : string.Empty;
            return T($"Status 0x{status:x} is {FirmwareStatusText.Name(status)}{meaning}.");
        }

        int? code = firmware.Report == FirmwareReport.TimedOut ? -110 : firmware.Code;
        return code is { } number && FirmwareStatusText.Meaning(number) is { } error
            ? T($"rc {number}{FirmwareStatusText.Error(number)}: {error}.")
            : "The firmware gave no status: the command did not reach it, or did not end.";
    }

    private static string CommandName(string command) => command switch
    {
        "0x1" => "INIT (0x1)",
        "0x2" => "SHUTDOWN (0x2)",
        "0x3" => "PLATFORM_RESET (0x3)",
        "0x4" => "PLATFORM_STATUS (0x4)",
        "0xa" => "DF_FLUSH (0xa)",
        "0xb" => "DOWNLOAD_FIRMWARE (0xb)",
        "0xd" => "INIT_EX (0xd)",
        "0x81" => "SNP_INIT (0x81)",
        "0x82" => "SNP_SHUTDOWN (0x82)",
        "0x83" => "SNP_PLATFORM_STATUS (0x83)",
        "0x84" => "SNP_DF_FLUSH (0x84)",
        "0x85" => "SNP_INIT_EX (0x85)",
        "0x86" => "SNP_SHUTDOWN_EX (0x86)",
        "0x90" => "SNP_DECOMMISSION (0x90)",
        "0x91" => "SNP_ACTIVATE (0x91)",
        "0x93" => "SNP_GCTX_CREATE (0x93)",
        "0xa0" => "SNP_LAUNCH_START (0xa0)",
        "0xa1" => "SNP_LAUNCH_UPDATE (0xa1)",
        "0xa2" => "SNP_LAUNCH_FINISH (0xa2)",
        "0xc6" => "SNP_PAGE_SET_STATE (0xc6)",
        "0xc7" => "SNP_PAGE_RECLAIM (0xc7)",
        "0xc8" => "SNP_PAGE_UNSMASH (0xc8)",
        _ => command,
    };

    private static void Counters(LogStory story)
    {
        List<LoggedDirectMap> all = Of<LoggedDirectMap>(story);
        LoggedDirectMap first = all[0];
        LoggedDirectMap last = all[^1];
        Detail(story, all.Count == 1 ? "direct map" : "at first", $"{CountersText(first)}");
        if (all.Count > 1) Detail(story, T($"after {story.Count} readings"), $"{CountersText(last)}");
        story.Title = "The direct map's counters";
        bool isSplit = last.Splits2M > (all.Count > 1 ? first.Splits2M ?? 0 : 0) || last.Kilobytes4K > first.Kilobytes4K;
        story.What = all.Count == 1
            ? "The kernel's counters of how it maps memory for itself."
            : isSplit
                ? "Large mappings of the direct map were split while the log was written."
                : "The direct map did not change while the log was written.";
        story.Why =
            "An RMPUPDATE of 4K needs the direct map to be of 4K there; Linux splits it before the first one in each 2M region, and joins nothing by itself afterwards. The counters also have splits of the kernel's image.";
        story.Rule = "Linux arch/x86/virt/svm/sev.c (adjust_direct_map)";
        story.NextList.Add("where it is split, and why: fastrmp directmap CORE");
    }

    private static string CountersText(LoggedDirectMap map)
    {
        List<string> parts = [];
        if (map.Kilobytes4K is { } small) parts.Add(T($"4K {small} kB"));
        if (map.Kilobytes2M is { } large) parts.Add(T($"2M {large} kB"));
        if (map.Kilobytes1G is { } huge) parts.Add(T($"1G {huge} kB"));
        if (map.Splits2M is { } splits) parts.Add(T($"{splits} splits of 2M"));
        if (map.Splits1G is { } hugeSplits) parts.Add(T($"{hugeSplits} of 1G"));
        if (map.Joins2M is { } joins) parts.Add(T($"{joins} joins to 2M"));
        if (map.Joins1G is { } hugeJoins) parts.Add(T($"{hugeJoins} to 1G"));
        return string.Join(", ", parts);
    }

    private void Notes(LogStory story)
    {
        List<LogNote> notes = Of<LogNote>(story);
        for (int i = 0; i < notes.Count && i < 8; i++) Detail(story, "message", $"{notes[i].Text}");
        More(story, 8);
        LogNote first = notes[0];
        switch (first.Kind)
        {
            case LogNoteKind.UnexpectedRmpFault:
                story.Title = T(
                    $"KVM met an RMP fault that it does not expect{(first.Value is { } gpa ? T($", GPA 0x{gpa:x}") : string.Empty)}");
                story.What =
                    "A guest's access failed the RMP check, and KVM found the page shared, without backing, or without an assigned entry.";
                story.Why =
                    "KVM expects RMP faults of private pages alone: a page whose memory attribute and RMP entry disagree was converted on one side only.";
                story.Rule = "Linux arch/x86/kvm/svm/sev.c (sev_handle_rmp_fault)";
                story.NextList.Add(
                    "trace-cmd record -e kvm:kvm_rmp_fault -e kvm:kvm_page_fault shows the accesses; compare with the VMM's conversions");
                break;
            case LogNoteKind.EntryNotChanged:
                string page = first.Pfn is { } frame ? T($" of page 0x{frame:x}") : string.Empty;
                story.Title = T($"KVM could not look up or change the RMP entry{page}");
                story.What = first.Text.Contains("private memory attribute", StringComparison.Ordinal)
                    ? "The VMM wanted to put a page into the guest's initial memory that it had not made private in KVM."
                    : first.Text.Contains("initial", StringComparison.Ordinal)
                        ? "A page of the guest's initial memory is assigned already, or has no entry: it was put there twice, or its former owner did not give it back."
                        : "A page that KVM converts or gives to an SNP guest is not in the state that KVM asked for.";
                story.Why =
                    "An entry cannot be looked up if the page lies outside the RMP (-6, ENXIO); it cannot be changed if RMPUPDATE was refused (-5, EIO), whose own line has the reason.";
                story.Rule = "Linux arch/x86/kvm/svm/sev.c (sev_gmem_prepare), arch/x86/virt/svm/sev.c (rmpupdate)";
                story.NextList.Add(
                    "the reason and the entries: dmesg | grep -A520 'RMPUPDATE failed'; the RMP's range: dmesg | grep 'RMP table'");
                break;
            case LogNoteKind.SplitFailed:
                bool isSplit = first.Text.Contains("split", StringComparison.Ordinal);
                story.Title = T($"The direct map could not be {(isSplit ? "split" : "changed")} for page 0x{first.Pfn ?? 0:x}");
                story.What = isSplit
                    ? "Before an RMPUPDATE of 4K the kernel splits its mapping of the page, and that failed: the update was not made."
                    : "The host patches before Linux 6.9 took a guest's pages out of the direct map and put them back, and that failed.";
                story.Why = "Splitting needs memory for a page table, and a mapping that may be changed.";
                story.Rule = "Linux arch/x86/virt/svm/sev.c (rmpupdate)";
                story.NextList.Add("rc -12 is lack of memory; otherwise look for CPA messages at the same time");
                break;
            case LogNoteKind.MappingConflict:
                story.Title = "A change of kernel mappings that a rule forbids (CPA)";
                story.What = "set_memory_* asked for attributes that the kernel does not give to that range; it used others.";
                story.Why =
                    "Kernel text stays executable and read-only, and BIOS and read-only data keep their protection, whatever a caller asks for.";
                story.Rule = "Linux arch/x86/mm/pat/set_memory.c";
                story.NextList.Add(
                    "the request ('req') and what was taken from it ('prevent') are flags of a paging entry: fastrmp decode pte VALUE");
                break;
            case LogNoteKind.GuestException:
                GuestException(story, first);
                break;
            case LogNoteKind.GuestTermination:
                GuestTermination(story, first);
                break;
            case LogNoteKind.FirmwareTrouble:
                FirmwareTrouble(story, notes);
                break;
            case LogNoteKind.EventsLost:
                story.Title = T($"An IOMMU's log overflowed, {Times(story.Count)}");
                story.What = "The IOMMU had more to report than its log had room for: events, or page requests of devices, are missing.";
                story.Why = "A device, or a driver, makes the same fault without end: what is printed before it names them.";
                story.Rule = "AMD I/O Virtualization Technology (IOMMU) Specification, event log";
                story.NextList.Add("dmesg | grep 'Event logged' shows the first of them; their number is not that of the faults");
                break;
            case LogNoteKind.GuestRequest:
                story.Title = "KVM refused a request of an SEV guest (VMGEXIT)";
                story.What = "What the guest wrote to its GHCB is not what the protocol asks for, or nothing that KVM knows.";
                story.Why =
                    "The guest's kernel or firmware is newer than KVM, or faulty, or wants to find out what KVM does: no page of the host is involved.";
                story.Rule = "GHCB specification; Linux arch/x86/kvm/svm/sev.c (sev_es_validate_vmgexit)";
                story.NextList.Add("the exit code says what the guest asked for; its console has what came of it");
                break;
            case LogNoteKind.ValidationFailed:
                ValidationFailed(story, first);
                break;
            case LogNoteKind.Kexec:
                Kexec(story, notes);
                break;
            default:
                story.Title = "A message about the RMP";
                break;
        }
    }

    private void Kexec(LogStory story, List<LogNote> notes)
    {
        story.Rule = "AMD IOMMU specification 2.12.2; Linux drivers/crypto/ccp/sev-dev.c";
        bool isSnp = notes.Exists(static note => note.Text.Contains("SNP", StringComparison.Ordinal))
            || _report.Findings.Any(static finding => finding is LoggedRmpTable or LoggedRmpSegment or LoggedRmpFact);
        if (!isSnp)
        {
            story.Title = "An IOMMU does not answer";
            story.What = "The IOMMU did not store the value that ends a queue of commands.";
            story.Why =
                "It hangs, or its command buffer is wrong; on a host with SNP, a kernel that starts over (kexec, kdump) cannot be answered, for the page of the answer is still the IOMMU's.";
            story.OpenList.Add("whether the host has SNP, and whether another kernel ran before: dmesg | grep -iE 'RMP table|kexec|kdump'");
            return;
        }

        story.Title = "A crash or a change of kernels on a host with SNP";
        story.What =
            "The IOMMUs still enforce SNP: their logs and completion stores are Firmware-IOMMU pages whose registers are locked.";
        story.Why =
            "A kernel that starts over, or a crash kernel, waits for a completion that cannot be stored, unless the crashing kernel switched SNP off in the IOMMUs (SNP_SHUTDOWN_EX in a panic notifier).";
        story.NextList.Add("crash_kexec_post_notifiers has to be on (Linux sets it with SNP), and firmware 1.53 or newer");
    }

    private static void FirmwareTrouble(LogStory story, List<LogNote> notes)
    {
        story.Title = "The SEV driver has trouble with its firmware's commands";
        List<string> what = [];
        foreach (LogNote note in notes) Once(what, Trouble(note.Text));
        story.What = string.Join(' ', what);
        story.Why =
            "The driver gives a command's buffers to the firmware (RMPUPDATE, Firmware state) before it, and takes them back afterwards; without memory or buffers it sends nothing.";
        story.Rule = "Linux drivers/crypto/ccp/sev-dev.c";
        story.NextList.Add("what came before: dmesg | grep -iE 'ccp|sev|rmpupdate'");
    }

    private static string Trouble(string text)
    {
        bool Has(string words) => text.Contains(words, StringComparison.Ordinal);
        if (Has("too many firmware"))
        {
            return "More commands were under way than the driver has buffers for: one was refused with rc -16 (EBUSY).";
        }

        if (Has("retrying INIT"))
        {
            return "INIT found the firmware's own data damaged (SECURE_DATA_INVALID); the driver repeats it, which starts that data anew: the platform's certificates are new ones.";
        }

        if (Has("TMR allocation")) return "There was no memory for the trusted memory region: SEV-ES and SEV-SNP guests cannot run.";
        if (Has("Failed to update")) return "The firmware's file was not accepted: the version from the BIOS stays.";
        return Has("range list") || Has("walk_iomem")
            ? "The list of ranges for SNP_INIT_EX could not be made: SNP was not initialised."
            : "The file or the memory in which INIT_EX keeps the firmware's data failed.";
    }

    private static void ValidationFailed(LogStory story, LogNote first)
    {
        bool isChange = first.Text.Contains("PSC", StringComparison.Ordinal);
        string code = first.Code switch
        {
            1 => " FAIL_INPUT: the address or the size is wrong",
            6 => " FAIL_SIZEMISMATCH: the page is mapped, or stands in the RMP, with another size",
            255 => ": nothing changed, the page was as asked for already, which a guest must take for an attack",
            _ => string.Empty,
        };
        string page = first.Pfn is { } pfn ? T($" of page 0x{pfn:x}") : string.Empty;
        string ret = first.Code is { } number ? T($", {number}") : string.Empty;
        story.Title = isChange ? "A guest's page state change failed" : $"A guest's PVALIDATE{page} failed{ret}";
        story.What = isChange
            ? "The hypervisor did not make the guest's pages private or shared as it was asked to."
            : $"The guest's kernel could not validate a page, or take the validation back{ret}{code}.";
        story.Why =
            "The RMP's entry is not what the guest expects after it asked the hypervisor for the page: the guest ends itself rather than run on.";
        story.Rule = isChange ? "GHCB specification, SNP Page State Change" : "AMD64 APM vol. 3, PVALIDATE";
        story.NextList.Add("the host's log of that time: refused RMPUPDATEs, and kvm_rmp_fault events");
    }

    private static void GuestTermination(LogStory story, LogNote first)
    {
        ulong set = (first.Value ?? 0) >> 8;
        ulong reason = (first.Value ?? 0) & 0xFF;
        story.Title = T($"A guest asked to be ended, reason 0x{set:x}:0x{reason:x}");
        story.What = T($"The guest's kernel or firmware gave up: {Termination(set, reason)}.");
        story.Why =
            "What the host, or the image of the guest, gave it was not what an SEV guest may accept: it ends itself rather than run on.";
        story.Rule = "GHCB specification, Termination Request; Linux arch/x86/include/asm/sev-common.h";
        story.NextList.Add(
            "the guest's console has the message before its end; compare firmware, kernel and VMM with what the guest needs");
    }

    /// <summary>Reason set 0 is the GHCB specification's, 1 Linux's.</summary>
    private static string Termination(ulong set, ulong reason) => (set, reason) switch
    {
        (0, 0) => "a general request",
        (0, 1) => "the hypervisor's GHCB protocol has no version that the guest knows",
        (0, 2) => "the hypervisor, or the processor's SEV features, lack what the guest needs of SNP",
        (1, 0) => "the hypervisor did not register its GHCB page",
        (1, 1) => "the hypervisor did not change the state of a page",
        (1, 2) => "PVALIDATE failed: the page's RMP entry is not what the guest expects",
        (1, 3) => "it does not run at VMPL 0",
        (1, 4) => "CPUID values did not pass its check",
        (1, 5) => "CPUID values from the hypervisor could not be had",
        (1, 6) => "the secrets page is wrong",
        (1, 7) => "the secrets page names no SVSM",
        (1, 8) => "an SVSM is there and has given it VMPL 0",
        (1, 9) => "the SVSM's calling area is not page-aligned",
        (1, 10) => "Secure TSC could not be set up",
        _ => "the reason is not a known one",
    };

    private static void GuestException(LogStory story, LogNote first)
    {
        bool isUnvalidated = first.Value == 0x404;
        story.Title = T(
            $"#VC in an SEV guest{(first.Value is { } code ? T($", exit code 0x{code:x}") : string.Empty)}{(isUnvalidated ? ": memory that is not validated" : string.Empty)}");
        story.What = isUnvalidated
            ? "The guest touched a private page that it has not validated."
            : "The guest's kernel got a #VC exception that it cannot handle.";
        story.Why = isUnvalidated
            ? "The page is the guest's, but its Validated bit is clear: never accepted with PVALIDATE, or the host gave the guest another page. Under SNP a guest must take the second for an attack."
            : "An instruction or access of the guest needs the hypervisor, and the guest's handler does not know the exit code, or the hypervisor failed.";
        story.Rule = "AMD64 APM vol. 2, 15.36.10 (PAGE_NOT_VALIDATED, #VC error code 0x404)";
        story.NextList.Add(isUnvalidated
            ? "map the IP to its code; reads of legacy ROM ranges through /dev/mem (dmidecode, fwupd) do it, too"
            : "the exit code is an SVM exit code: look up what it intercepts");
    }
}
