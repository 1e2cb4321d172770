using System;

namespace FastRmp.Images;

/// <summary>What is left: the memory map and the segments of kexec that decide about a table's edges, RMPOPT, guests' #VC exceptions, crash
/// kernels, the kernel's release. Source: Linux arch/x86/kernel/e820.c, kernel/kexec_file.c, arch/x86/coco/sev,
/// drivers/iommu/amd/init.c.</summary>
internal static class HostMessages
{
    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(text);
        if (scan.AfterWord("BIOS-e820: [mem "u8)) return Memory(scan, context, isLast);
        scan = new(text);
        if (scan.AfterWord("Loaded "u8)) return Loaded(scan, context);
        scan = new(text);
        if (scan.AfterWord("segment["u8) && text.IndexOf("memsz="u8) >= 0 && LogText.TryHex(text, "mem="u8, out ulong at))
        {
            context.Report.AddLoaded(at);
            return Reading.Whole;
        }

        scan = new(text);
        if (scan.AfterWord("Linux version "u8))
        {
            int end = scan.Rest.IndexOf((byte)' ');
            string release = LogText.Printable(end < 0 ? scan.Rest : scan.Rest[..end], 80);
            context.Report.Kernel ??= release;
            context.Report.AddRelease(release);
            return Reading.Whole;
        }

        if (text.StartsWith("Kernel Offset: "u8)) return Offset(text[15..], context);

        if (text.IndexOf("RMP optimizations enabled"u8) >= 0) return Optimized(text, context);
        return Guest(text, context, isLast);
    }

    /// <summary><c>Kernel Offset: 0x2e000000 from 0x…</c>, or <c>disabled</c>: a panic prints it.</summary>
    private static Reading Offset(ReadOnlySpan<byte> text, LogContext context)
    {
        ulong offset = 0;
        if (!text.StartsWith("disabled"u8) && !new LogText(text).Hex(out offset)) return Reading.None;
        context.Report.AddKernelOffset(offset);
        return Reading.Whole;
    }

    private static Reading Memory(LogText scan, LogContext context, bool isLast)
    {
        if (!scan.Hex(out ulong start) || !scan.Hex(out ulong end) || !scan.After("]"u8)) return Reading.Part;
        if (scan.Rest.Trim((byte)' ').IsEmpty) return isLast ? Reading.None : Reading.Part;
        if (scan.Rest.IndexOf("usable"u8) >= 0) context.Report.AddUsable(start, end);
        return Reading.Whole;
    }

    private static Reading Loaded(LogText scan, LogContext context)
    {
        if (!scan.After(" at "u8) || !scan.Rest.StartsWith("0x"u8) || !scan.Hex(out ulong at)) return Reading.None;
        context.Report.AddLoaded(at);
        return Reading.Whole;
    }

    private static Reading Optimized(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        if (!scan.After("["u8) || !scan.Hex(out ulong start) || !scan.Hex(out ulong end)) return Reading.Part;
        context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.Optimized, start, end));
        return Reading.Whole;
    }

    private static Reading Guest(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        bool isException = text.IndexOf("#VC"u8) >= 0
            && (text.IndexOf("exit-code"u8) >= 0 || text.IndexOf("Unhandled #VC"u8) >= 0 || text.IndexOf("nsupported exit"u8) >= 0);
        isException |= text.IndexOf("exit-code 0x"u8) >= 0
            && (text.IndexOf("VMM"u8) >= 0 || text.IndexOf("Failed to decode instruction"u8) >= 0);
        isException |= text.IndexOf("opcode bytes:"u8) >= 0 && text.IndexOf("exit_code:"u8) >= 0;
        if (isException)
        {
            context.Report.Add(new LogNote(context.Place, LogNoteKind.GuestException, LogText.Printable(text))
            {
                Value = LogText.TryHex(text, "exit-code "u8, out ulong code) || LogText.TryHex(text, "exit_code: "u8, out code) ? code
                    : null,
            });
            return Reading.Whole;
        }

        LogText end = new(text);
        if (end.After("guest requested termination: "u8))
        {
            if (!end.Hex(out ulong set) || !end.Hex(out ulong reason) || set > 0xF || reason > 0xFF) return Reading.Part;
            context.Report.Add(
                new LogNote(context.Place, LogNoteKind.GuestTermination, LogText.Printable(text)) { Value = (set << 8) | reason });
            return Reading.Whole;
        }

        Reading request = Request(text, context, isLast);
        if (request != Reading.None) return request;
        bool isKexec = text.IndexOf("SNP IOMMU shutdown failed"u8) >= 0
            || (text.IndexOf("kexec"u8) >= 0 && text.IndexOf("SNP"u8) >= 0) || text.IndexOf("Completion-Wait loop timed out"u8) >= 0
            || text.IndexOf("AMD-Vi: Command buffer timeout"u8) >= 0;
        if (!isKexec) return Reading.None;
        if (text.IndexOf("Command line"u8) >= 0 || text.IndexOf("command line"u8) >= 0) return Reading.None;
        context.Report.Add(new LogNote(context.Place, LogNoteKind.Kexec, LogText.Printable(text)));
        return Reading.Whole;
    }

    /// <summary>What KVM refuses of a guest's VMGEXIT, and what a guest says of a page that it could not validate. Source: Linux
    /// arch/x86/kvm/svm/sev.c, arch/x86/coco/sev.</summary>
    private static Reading Request(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(text);
        if (scan.AfterWord("vmgexit: "u8))
        {
            bool isRefusal = text.IndexOf("not valid"u8) >= 0 || text.IndexOf("scratch"u8) >= 0 || text.IndexOf("nsupported"u8) >= 0;
            if (!isRefusal) return isLast ? Reading.None : Reading.Part;
            context.Report.Add(new LogNote(context.Place, LogNoteKind.GuestRequest, LogText.Printable(text))
            {
                Value = LogText.TryHex(text, "exit code "u8, out ulong code) ? code : null,
            });
            return Reading.Whole;
        }

        bool isValidation = text.IndexOf("PVALIDATE failure: "u8) >= 0;
        if (!isValidation && text.IndexOf("SNP: PSC failed "u8) < 0) return Reading.None;
        if (LogText.Integer(text, "ret: "u8) is null && LogText.Integer(text, "ret="u8) is null && !isLast) return Reading.Part;
        context.Report.Add(new LogNote(context.Place, LogNoteKind.ValidationFailed, LogText.Printable(text))
        {
            Pfn = LogText.TryHex(text, "pfn: "u8, out ulong pfn) ? pfn : null,
            Code = LogText.Integer(text, "ret: "u8) ?? LogText.Integer(text, "ret="u8),
        });
        return Reading.Whole;
    }
}
