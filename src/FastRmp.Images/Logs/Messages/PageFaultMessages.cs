using System;

namespace FastRmp.Images;

/// <summary>Page faults: the lines of an oops, put together. Source: Linux arch/x86/mm/fault.c and arch/x86/kernel/head64.c of 4.x to 7.x,
/// arch/x86/boot/compressed/ident_map_64.c; EDK II's and Xen's register dumps.</summary>
internal static class PageFaultMessages
{
    private const int OopsLines = 120;
    private const int PageFaultVector = 14;
    private const int LongestModule = 60;
    private const ulong WriteBit = 1UL << 1;
    private const ulong UserBit = 1UL << 2;
    private const ulong FetchBit = 1UL << 4;

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (text.IndexOf("#PF"u8) >= 0 || text.IndexOf("PF error"u8) >= 0) return Code(text, context, isLast);
        if (LogText.TryHex(text, "Unexpected RMP page fault for address "u8, out ulong refused)) return Refused(refused, context);
        if (Remark(text) is { } remark)
        {
            context.SetFetchRemark(remark);
            return Reading.Whole;
        }

        if (text.IndexOf("unable to handle"u8) >= 0 || text.IndexOf("NULL pointer dereference"u8) >= 0)
        {
            return Address(text, context, isLast);
        }
        if (LogText.TryHex(text, "Corrupted page table at address "u8, out ulong corrupted))
        {
            Open(context).Address = corrupted;
            return Reading.Whole;
        }

        if (KernelMessage.From(text, "PGD "u8) is { IsEmpty: false } tables) return Walk(tables, context, isLast);
        if (text.IndexOf("early exception"u8) >= 0) return Early(text, context);
        Reading reading = Firmware(text, context);
        if (reading != Reading.None) return reading;
        reading = Xen(text, context);
        return reading != Reading.None ? reading : Other(text, context);
    }

    /// <summary>Lines of an oops that matter only while one goes on.</summary>
    internal static void Follow(ReadOnlySpan<byte> text, LogContext context)
    {
        if (context.Fault is not { } fault) return;
        bool isPart = text.IndexOf("RIP: "u8) >= 0 || text.IndexOf("Oops: "u8) >= 0 || text.IndexOf("Comm: "u8) >= 0
            || text.IndexOf("CR2: "u8) >= 0 || text.IndexOf("---[ end trace"u8) >= 0;
        if (isPart) fault.LastLine = context.Line;
        LogText scan = new(text);
        if (fault.Symbol is null && scan.AfterWord("RIP: "u8)) context.WantsModule = Symbol(scan.Rest, fault);
        else if (context.WantsSymbol) context.WantsModule = Symbol(text, fault); // a mail program has wrapped the line
        else if (context.WantsModule) Module(text, context, fault);
        context.WantsSymbol = text.EndsWith("RIP:"u8);
        scan = new(text);
        if (fault.Sound is null && fault.Oops is null && (scan.After("Oops: "u8) || scan.After("Oops: Oops: "u8)))
        {
            if (scan.Rest.StartsWith("Oops: "u8)) scan.After("Oops: "u8);
            if (scan.Rest.StartsWith("Bad pagetable: "u8)) scan.After("pagetable: "u8);
            if (IsCode(scan.Rest) && scan.Hex(out ulong code)) fault.Oops = code;
        }

        if (fault.Kernel is null && text.IndexOf("Comm: "u8) >= 0) Task(text, context, fault);
        if (fault.Address is null && fault.ErrorCode is not null && LogText.TryHex(text, "CR2: "u8, out ulong address) && address != 0)
        {
            fault.Address = address;
        }

        if (text.IndexOf("---[ end trace"u8) >= 0) context.Fault = null;
    }

    /// <summary>An oops has the code in four digits; other traps have their names there.</summary>
    private static bool IsCode(ReadOnlySpan<byte> text) =>
        text.Length >= 4 && (text.Length == 4 || text[4] == ' ') && LogText.HexDigit(text[0]) >= 0 && LogText.HexDigit(text[1]) >= 0
        && LogText.HexDigit(text[2]) >= 0 && LogText.HexDigit(text[3]) >= 0;

    private static LoggedPageFault Open(LogContext context)
    {
        LoggedPageFault fault = new(context.Place);
        context.Fault = fault;
        context.Region = null;
        fault.FetchRemark = context.TakeFetchRemark();
        context.Report.CountFault();
        context.Report.Add(fault);
        context.Attend(OopsLines);
        return fault;
    }

    private static Reading Code(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (KernelMessage.From(text, "#PF: "u8) is not { IsEmpty: false } message)
        {
            if (!TryNames(text, out ulong code)) return Reading.None;
            OpenForCode(context).Printed = code;
            return Reading.Whole;
        }

        LogText scan = new(message);
        return scan.After("error_code"u8) ? Number(scan, context, isLast) : Access(message[5..], context);
    }

    /// <summary><c>(0x80000003) - RMP violation</c>: the number, and the words that repeat its most telling bit, in case it is damaged. A
    /// kernel's line ends there; a sentence about one goes on.</summary>
    private static Reading Number(LogText scan, LogContext context, bool isLast)
    {
        bool hasNumber = scan.Hex(out ulong code);
        if (!hasNumber && !isLast) return Reading.Part;
        int dash = scan.Rest.IndexOf(" - "u8);
        ReadOnlySpan<byte> words = dash >= 0 ? scan.Rest[(dash + 3)..] : hasNumber ? scan.Rest.TrimStart(") -"u8) : default;
        if (!PageFaultReasons.TryRead(words, out PageFaultReason reason)) return Reading.None;
        LoggedPageFault fault = OpenForCode(context);
        if (hasNumber) fault.Printed = code;
        fault.Reason = reason;
        return Reading.Whole;
    }

    /// <summary><c>supervisor write access in kernel mode</c>: begins a fault whose address was cut away.</summary>
    private static Reading Access(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        ulong bits = text.StartsWith("user "u8) ? UserBit : 0;
        bool isKnown = bits != 0 || text.StartsWith("supervisor "u8);
        if (scan.After("instruction fetch in "u8)) bits |= FetchBit;
        else if (scan.After("write access in "u8)) bits |= WriteBit;
        else isKnown &= scan.After("read access in "u8);
        if (!isKnown && text.IndexOf(" access in "u8) < 0) return Reading.None;
        if (scan.After("mode"u8) && !KernelMessage.IsDone(scan.Rest)) return Reading.None;
        LoggedPageFault fault = context.Fault is { HasCodeLine: false, Access: null } open ? open : Open(context);
        if (isKnown) fault.Access = bits;
        fault.LastLine = context.Line;
        return Reading.Whole;
    }

    private static LoggedPageFault OpenForCode(LogContext context)
    {
        LoggedPageFault fault = context.Fault is { HasCodeLine: false } open ? open : Open(context);
        fault.HasCodeLine = true;
        fault.LastLine = context.Line;
        return fault;
    }

    /// <summary>What a host patch before Linux 6.9 says of a process that touched a page which is not its own any more.</summary>
    private static Reading Refused(ulong address, LogContext context)
    {
        LoggedPageFault fault = Open(context);
        fault.Address = address;
        fault.Reason = PageFaultReason.Rmp;
        fault.HasCodeLine = true;
        context.Fault = null;
        return Reading.Whole;
    }

    /// <summary>What the kernel found in its tables for a fetch that was refused; it says so before the fault itself.</summary>
    private static string? Remark(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("kernel tried to execute NX-protected page"u8) >= 0) return "the page is not executable (NX)";
        return text.IndexOf("unable to execute userspace code (SMEP"u8) >= 0 ? "a user's page, and SMEP is on" : null;
    }

    private static bool TryNames(ReadOnlySpan<byte> text, out ulong code)
    {
        code = 0;
        return text.IndexOf("PF error"u8) >= 0 && PageFaultNames.TryParse(LogText.Printable(text), out code);
    }

    /// <summary><c>BUG: unable to handle page fault for address: …</c>, and the older <c>… paging request at …</c>.</summary>
    private static Reading Address(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(KernelMessage.From(text, "BUG: "u8));
        if (!scan.After("BUG: "u8)) return Reading.None;
        LogText number = scan;
        if (!number.After("address: "u8))
        {
            number = scan;
            if (!number.After(" at "u8)) return isLast ? Reading.None : Reading.Part;
        }

        ulong address = 0;
        if (!number.Hex(out address) && !number.After("(null)"u8)) return isLast ? Reading.None : Reading.Part;
        ReadOnlySpan<byte> rest = number.Rest.TrimStart((byte)' ');
        bool isDone = KernelMessage.IsDone(rest) || rest.StartsWith("#PF"u8) || rest.StartsWith("IP: "u8) || rest.StartsWith("PGD "u8);
        if (!isDone) return Reading.None; // a sentence goes on
        Open(context).Address = address;
        return Reading.Whole;
    }

    private static Reading Walk(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LoggedWalk walk = new();
        if (Entry(text, "PGD "u8) is not { } top || IsSentence(text)) return Reading.None;
        walk.Pgd = top;
        walk.P4d = Entry(text, "P4D "u8);
        walk.Pud = Entry(text, "PUD "u8);
        walk.Pmd = Entry(text, "PMD "u8);
        walk.Pte = Entry(text, "PTE "u8);

        // The line ends with the entry that ends the walk; without it a mail program has wrapped it.
        if (!isLast && walk.LeafLevel is null && walk.Pte is null && IsPresent(walk.Pmd ?? walk.Pud ?? walk.P4d ?? walk.Pgd)
            && text.IndexOf("BAD"u8) < 0)
        {
            return Reading.Part;
        }

        LoggedPageFault fault = context.Fault is { Walk: null } open ? open : Open(context);
        fault.Walk = walk;
        fault.LastLine = context.Line;
        return Reading.Whole;
    }

    /// <summary>Whether a word stands among the names and values that is neither.</summary>
    private static bool IsSentence(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)' '))
        {
            ReadOnlySpan<byte> word = text[range];
            bool isName = word is [(byte)'P', _, (byte)'D' or (byte)'E'] || word.SequenceEqual("BAD"u8);
            if (isName || word.Length < 2 || word.ContainsAnyExceptInRange((byte)'a', (byte)'z')) continue;
            if (word.ContainsAnyInRange((byte)'g', (byte)'z')) return true;
        }

        return false;
    }

    private static bool IsPresent(ulong? entry) => entry is { } value && new PagingEntry(value).Present;

    /// <summary>An entry; null if it is not there, or if what follows its digits shows that it is damaged.</summary>
    private static ulong? Entry(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        LogText scan = new(text);
        if (!scan.AfterWord(name) || !scan.Hex(out ulong value)) return null;
        bool isWhole = scan.Rest.IsEmpty || " \t[<>|.,;:)\"'`"u8.Contains(scan.Rest[0]);
        return isWhole ? value : null;
    }

    /// <summary><c>PANIC: early exception 0x0e IP 10:ffffffff… error 2 cr2 0x…</c>.</summary>
    private static Reading Early(ReadOnlySpan<byte> text, LogContext context)
    {
        if (!LogText.TryHex(text, "early exception "u8, out ulong vector)) return Reading.None;
        if (vector != PageFaultVector) return Reading.None;
        if (!LogText.TryHex(text, "error "u8, out ulong code) || !LogText.TryHex(text, "cr2 "u8, out ulong address)) return Reading.Part;
        LoggedPageFault fault = Open(context);
        fault.Vector = PageFaultVector;
        fault.Printed = code;
        fault.HasCodeLine = true;
        fault.Address = address;
        return Reading.Whole;
    }

    /// <summary>EDK II: <c>X64 Exception Type - 0E(#PF - Page-Fault)</c>, <c>ExceptionData - …</c>, <c>CR2 - …</c>. The kernel's
    /// decompressor: <c>Error Code: …</c>, <c>CR2: 0x…</c>.</summary>
    private static Reading Firmware(ReadOnlySpan<byte> text, LogContext context)
    {
        if (LogText.TryHex(text, "ExceptionData - "u8, out ulong code) || LogText.TryHex(text, "Error Code: "u8, out code))
        {
            OpenForCode(context).Printed = code;
            return Reading.Whole;
        }

        if (LogText.TryHex(text, "CR2  - "u8, out ulong address) && context.Fault is { Address: null } known)
        {
            known.Address = address;
            return Reading.Whole;
        }

        return Reading.None;
    }

    private static Reading Xen(ReadOnlySpan<byte> text, LogContext context)
    {
        if (text.IndexOf("Early fatal page fault"u8) >= 0)
        {
            if (!LogText.TryHex(text, "cr2="u8, out ulong at) || !LogText.TryHex(text, "ec="u8, out ulong error)) return Reading.Part;
            LoggedPageFault early = Open(context);
            early.Vector = PageFaultVector;
            early.Printed = error;
            early.HasCodeLine = true;
            early.Address = at;
            return Reading.Whole;
        }

        if (LogText.TryHex(text, "Pagetable walk from "u8, out ulong walked))
        {
            Open(context).Address = walked; // the walk comes before the panic
            return Reading.Whole;
        }

        if (text.IndexOf("FATAL PAGE FAULT"u8) >= 0)
        {
            LoggedPageFault panic = context.Fault is { Vector: null, HasCodeLine: false } begun ? begun : Open(context);
            panic.Vector = PageFaultVector;
            return Reading.Whole;
        }

        if (context.Fault is not { } fault) return Reading.None;
        if (!fault.HasCodeLine && LogText.TryHex(text, "error_code="u8, out ulong code)) OpenForCode(context).Printed = code;
        else if (fault.Address is null && LogText.TryHex(text, "Faulting linear address: "u8, out ulong address)) fault.Address = address;
        else return XenEntry(text, fault);
        return Reading.Whole;
    }

    private static Reading XenEntry(ReadOnlySpan<byte> text, LoggedPageFault fault)
    {
        if (text is not [(byte)'L', >= (byte)'1' and <= (byte)'4', (byte)'[', ..]) return Reading.None;
        LogText scan = new(text);
        if (!scan.After("] = "u8) || !scan.Hex(out ulong entry)) return Reading.None;
        fault.Walk ??= new LoggedWalk();
        switch (text[1])
        {
            case (byte)'4': fault.Walk.Pgd = entry; break;
            case (byte)'3': fault.Walk.Pud = entry; break;
            case (byte)'2': fault.Walk.Pmd = entry; break;
            default: fault.Walk.Pte = entry; break;
        }

        return Reading.Whole;
    }

    /// <summary>Faults that are not page faults of a kernel: they count, so that a log of them says that the RMP has no part in
    /// it.</summary>
    private static Reading Other(ReadOnlySpan<byte> text, LogContext context)
    {
        if (text.IndexOf("general protection fault"u8) < 0 && text.IndexOf("segfault at "u8) < 0) return Reading.None;
        context.Report.CountFault();
        return Reading.Whole;
    }

    private static void Module(ReadOnlySpan<byte> text, LogContext context, LoggedPageFault fault)
    {
        context.WantsModule = false;
        if (text is [(byte)'[', .., (byte)']'] && text.Length < LongestModule) fault.Module = LogText.Printable(text[1..^1]);
    }

    /// <returns>Whether the line ends after the function.</returns>
    private static bool Symbol(ReadOnlySpan<byte> text, LoggedPageFault fault)
    {
        int colon = text[..Math.Min(text.Length, 8)].IndexOf((byte)':');
        if (colon >= 0) text = text[(colon + 1)..];
        int plus = text.IndexOf((byte)'+');
        if (plus <= 0 || text[..plus].Contains((byte)' ') || text[0] is (byte)'0' or (byte)'[') return false;
        fault.Symbol = LogText.Printable(text[..plus], 100);
        int open = text.IndexOf((byte)'[');
        if (open < 0) return true;
        ReadOnlySpan<byte> module = text[(open + 1)..];
        int end = module.IndexOfAny((byte)']', (byte)' ');
        if (end > 0) fault.Module = LogText.Printable(module[..end], LongestModule);
        return false;
    }

    /// <summary><c>CPU: 33 UID: 0 PID: 996180 Comm: qemu-system-x86 Tainted: G OE 6.18.0-8-generic #8-Ubuntu</c>.</summary>
    private static void Task(ReadOnlySpan<byte> text, LogContext context, LoggedPageFault fault)
    {
        LogText scan = new(text);
        scan.After("Comm: "u8);
        ReadOnlySpan<byte> rest = scan.Rest;
        int taint = rest.IndexOf("ainted"u8);
        if (taint < 2) return;
        int end = taint - 1;
        if (rest[..end].EndsWith("Not "u8)) end -= 4;
        fault.Task = LogText.Printable(rest[..end].TrimEnd((byte)' '), 40);
        int build = rest[taint..].IndexOf(" #"u8);
        if (build < 0) return;
        ReadOnlySpan<byte> before = rest[..(taint + build)];
        int begin = before.LastIndexOf((byte)' ') + 1;
        if (begin >= before.Length || !LogText.IsDigit(before[begin])) return;
        fault.Kernel = LogText.Printable(before[begin..], 80);
        context.Report.AddRelease(fault.Kernel);
    }
}
