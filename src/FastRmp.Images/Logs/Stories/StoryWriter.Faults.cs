using System.Collections.Generic;

namespace FastRmp.Images;

/// <content>Page faults of a host.</content>
internal sealed partial class StoryWriter
{
    private const string FaultLines = "dmesg | grep -A 8 'unable to handle page fault' (or journalctl -k) for the oops as a whole";

    private static void FaultDetails(LogStory story, LoggedPageFault fault)
    {
        if (fault.ErrorCode is { } code)
        {
            string cut = fault.IsCodeCut ? ", the low 16 bits of it"
                : fault.IsCodeRestored ? ", put together from the words beside it: the number is damaged or missing" : string.Empty;
            string meaning = fault.Code.Rmp ? T($": {PageFaultText.Meaning(code)}") : string.Empty;
            Detail(story, "error code", $"0x{code:x}{cut}: {CodeWords.Names(PageFaultText.Fields(code))}{meaning}");
        }
        else if (fault.Code.Rmp)
        {
            Detail(story, "error code", $"not in the log, or damaged; the kernel says 'RMP violation', bit 31 of it");
        }

        Detail(story, "address", $"{(fault.Address is { } address ? T($"0x{address:x}") : "not in the log")}");
        if (fault.Walk is { } walk)
        {
            Detail(story, "walk", $"{WalkText(walk)}");
            Leaf(story, fault, walk);
        }

        if (fault.KnownSize is { } size) Detail(story, "mapping", $"{size.ShortName()}, PFN 0x{fault.Frame:x}");
        if (fault.Instruction is { } instruction) Detail(story, "instruction", $"0x{instruction:x}");
        if (fault.Symbol is not null) Detail(story, "at", $"{fault.Symbol}{(fault.Module is null ? string.Empty : $" [{fault.Module}]")}");
        if (fault.Task is not null) Detail(story, "task", $"{fault.Task}");
        if (fault.Kernel is not null) Detail(story, "kernel", $"{fault.Kernel}");
    }

    private static string WalkText(LoggedWalk walk)
    {
        List<string> parts = [];
        if (walk.Pgd is { } pgd) parts.Add(T($"PGD 0x{pgd:x}"));
        if (walk.P4d is { } p4d) parts.Add(T($"P4D 0x{p4d:x}"));
        if (walk.Pud is { } pud) parts.Add(T($"PUD 0x{pud:x}"));
        if (walk.Pmd is { } pmd) parts.Add(T($"PMD 0x{pmd:x}"));
        if (walk.Pte is { } pte) parts.Add(T($"PTE 0x{pte:x}"));
        return string.Join(", ", parts) + (walk.Levels is { } levels ? T($"; {levels} levels") : string.Empty);
    }

    /// <summary>The last entry that is printed, in words.</summary>
    private static void Leaf(LogStory story, LoggedPageFault fault, LoggedWalk walk)
    {
        if (walk.Leaf is { } leaf && walk.LeafLevel is { } level)
        {
            PagingEntry entry = new(leaf);
            string frame = fault.Frame is { } page ? T($", PFN 0x{page:x}") : string.Empty;
            Detail(
                story, "mapping",
                $"{level.LeafSize().ShortName()} by the {walk.LeafName}{frame}, flags {PagingEntryText.Flags(entry, level)}");
            foreach (EntryField field in ReservedBits.Fields(entry, level, default))
            {
                if (fault.Code.ReservedBit) Detail(story, "reserved", $"{field.Value}");
            }

            if (ValuePattern.Of(leaf) is { } odd) Detail(story, "looks like", $"{odd}: no entry, if it is that");
            return;
        }

        (PagingLevel at, ulong value) = Last(walk);
        if (value == 0) return;
        foreach (EntryField field in PagingEntryText.Fields(new PagingEntry(value), at, default))
        {
            if (field.Name is "kind" or "looks_like" or "linux" or "frame" or "swap_type" or "swap_offset" or "note")
            {
                Detail(story, T($"{PagingEntryText.Name(at)} {field.Name}"), $"{field.Value}");
            }
        }

        if (fault.Code.ReservedBit)
        {
            foreach (EntryField field in ReservedBits.Fields(new PagingEntry(value), at, default))
            {
                Detail(story, "reserved", $"{field.Value}");
            }
        }
    }

    private static (PagingLevel Level, ulong Value) Last(LoggedWalk walk)
    {
        if (walk.Pte is { } pte) return (PagingLevel.PageTable, pte);
        if (walk.Pmd is { } pmd) return (PagingLevel.PageDirectory, pmd);
        if (walk.Pud is { } pud) return (PagingLevel.PageDirectoryPointer, pud);
        return walk.Levels == 5 && walk.P4d is null ? (PagingLevel.PageMapLevel5, walk.Pgd ?? 0) : (PagingLevel.PageMapLevel4, walk.P4d
            ?? walk.Pgd ?? 0);
    }

    private static void OrdinaryFault(LogStory story, LoggedPageFault fault)
    {
        FaultDetails(story, fault);
        Others(story, fault);
        if (fault.ErrorCode is not { } value)
        {
            story.Title = "A page fault whose error code is not in the log";
            story.What =
                "A kernel met a page fault; the line with its error code is missing, so the log does not say whether the RMP is involved.";
            story.Why = "Bit 31 of the error code is the RMP's.";
            story.Rule = AccessRule;
            story.OpenList.Add("the line '#PF: error_code(…)' decides: " + FaultLines);
            return;
        }

        PageFaultErrorCode code = fault.Code;
        string who = code.User ? "user" : "kernel";
        string access = code.Fetch ? "fetch" : code.Write ? "write" : "read";
        string why = Ordinary(fault);
        bool isOpen = fault.IsCodeCut && why == Unexplained; // an RMP violation of a page that is mapped looks the same
        string kind = isOpen ? "A page fault, the RMP's or not" : "No RMP event";
        string place = fault.Address is { } at ? T($" at 0x{at:x}") : string.Empty;
        string symbol = fault.Symbol is null ? string.Empty : T($" in {fault.Symbol}");
        string times = story.Count == 1 ? string.Empty : T($", {story.Count} times");
        story.Title = T($"{kind}: {who} {access}{place}{symbol}, {(isOpen ? "the page is present" : why)}{times}");
        string meaning = PageFaultText.Meaning(value);
        int end = meaning.IndexOf(';', System.StringComparison.Ordinal);
        story.What = T($"{char.ToUpperInvariant(meaning[0])}{meaning[1..(end < 0 ? meaning.Length : end)]}.");
        story.Why = fault.IsCodeCut
            ? "The Oops line has the low 16 bits of the code only, and the RMP's bit is bit 31."
            : "Bit 31 of the error code is clear: the page tables refused the access, and the RMP was not asked.";
        story.Rule = "AMD64 APM vol. 2, 8.2.15 (#PF error code)";
        if (fault.IsCodeCut) story.OpenList.Add("whether the RMP refused it: the line '#PF: error_code(…)' decides: " + FaultLines);
        Advice(story, fault);
    }

    /// <summary>The faults of the same kind at the same place of the code.</summary>
    private static void Others(LogStory story, LoggedPageFault first)
    {
        const int MostShown = 8;
        int shown = 1;
        foreach (LoggedPageFault fault in Of<LoggedPageFault>(story))
        {
            if (fault == first) continue;
            if (shown++ > MostShown) break;
            string address = fault.Address is { } at ? T($"0x{at:x}") : "address not in the log";
            string walk = fault.Walk is { } entries ? T($"; {WalkText(entries)}") : string.Empty;
            Detail(story, "another", $"line {fault.Place.Line}: {address}{walk}");
        }

        More(story, shown > MostShown ? MostShown + 1 : shown);
    }

    /// <summary>What faults have in common that are told as one.</summary>
    internal static string Kind(LoggedPageFault fault) => T($"{fault.ErrorCode:x} {fault.IsCodeCut} {fault.Symbol} {Ordinary(fault)}");

    private const string Unexplained = "the rights of the mapping forbid it";

    private static string Ordinary(LoggedPageFault fault)
    {
        PageFaultErrorCode code = fault.Code;
        if (code.ReservedBit) return "a reserved bit is set in a paging entry";
        if (code.ProtectionKey) return "a protection key forbids it";
        if (!code.Present)
        {
            return fault.Address is { } address && address < PageSize.Size4K.Bytes() ? "a NULL pointer" : "the page is not present";
        }
        if (fault.FetchRemark is { } remark && code.Fetch) return remark;
        if (fault.Walk is { Leaf: not null } walk && !code.User)
        {
            if (code.Fetch && walk.IsNoExecute) return "the page is not executable (NX)";
            if (walk.IsUser) return code.Fetch ? "a user's page, and SMEP is on" : "a user's page, and SMAP is on";
            if (code.Write && !walk.IsWritable) return "the page is read-only";
        }

        return Unexplained;
    }

    private static void Advice(LogStory story, LoggedPageFault fault)
    {
        PageFaultErrorCode code = fault.Code;
        if (code.ReservedBit)
        {
            story.NextList.Add(
                "compare the reserved bits above with the processor's physical-address width (cpuid 0x80000008, less what memory encryption takes): fastrmp decode pte VALUE --maxphyaddr N");
        }
        else if (!code.Present && fault.Walk is { Pte: { } pte } && pte != 0)
        {
            story.NextList.Add(
                "the page was taken out of the mapping on purpose (poison, guard, debug_pagealloc, direct-map removal): look for the message that names its frame");
        }
        else if (fault.Symbol is not null)
        {
            story.NextList.Add("scripts/faddr2line names the source line");
        }
        else
        {
            story.OpenList.Add("which code did it: the line 'RIP: …' has it, " + FaultLines);
        }
    }
}
